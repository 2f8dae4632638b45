"""The PDF under a password: AES-256, the password from a file the consultant names.

The password never stands in an argument, a log, the manifest or client.yaml. A protected file has a
random key, so it differs from run to run; the manifest also holds the hash of its pages before
protection, which does not.
"""

import os
from pathlib import Path

from shindan import errors

VARIABLE = "SHINDAN_PDF_PASSWORD_FILE"
LEAST = 8


def password(folder, settings):
    """The password for the PDF, or "" where none is asked for; exit 11 where its file gives none.

    The file: $SHINDAN_PDF_PASSWORD_FILE, else `pdf_password_file` of client.yaml (in the client's
    folder, or a full path). Its first line is the password.
    """
    named = os.environ.get(VARIABLE) or settings.pdf_password_file
    if not named:
        return ""
    try:
        lines = (folder.path / Path(named).expanduser()).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise _refused("The password file cannot be read / パスワードのファイルが読めません") from None
    found = lines[0].strip() if lines else ""
    if len(found) < LEAST or len(found.encode()) > 127:
        raise _refused(f"The password must have {LEAST} characters or more / パスワードは{LEAST}文字以上にしてください")
    return found


def _refused(words):
    return errors.ShindanError(errors.BAD_CONFIG, words, f"client.yaml, field `pdf_password_file`, or ${VARIABLE}",
                               "name a text file whose first line is the password")


def protect(file, secret):
    """Put `file` under the password `secret`; screen readers may still read it."""
    import pikepdf

    part = file.with_suffix(".part")
    with pikepdf.open(file) as pdf:
        pdf.save(part, encryption=pikepdf.Encryption(user=secret, owner=secret, R=6, aes=True, metadata=True,
                                                     allow=pikepdf.Permissions(accessibility=True)))
    part.replace(file)


def opens(file, secret):
    """True where `file` is protected and `secret` opens it."""
    import pikepdf

    try:
        with pikepdf.open(file, password=secret) as pdf:
            return pdf.is_encrypted
    except (pikepdf.PasswordError, pikepdf.PdfError, OSError):
        return False
