"""The PDF under a password: AES-256, the password from a file the consultant names.

The password never stands in an argument, a log, the manifest or client.yaml. A protected file has a
random key, so it differs from run to run; the manifest also holds the hash of its pages before
protection, which does not.
"""

from shindan import delivery, errors

LEAST = 8         # characters
LONGEST = 127     # bytes that AES-256 in a PDF takes


def password(folder, settings):
    """The password for the PDF, or "" where none is asked for; exit 11 where its file gives none.

    The first line of the file (delivery.password_file) is the password.
    """
    file = delivery.password_file(folder, settings)
    if not file:
        return ""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise _refused("The password file cannot be read / パスワードのファイルが読めません") from None
    found = lines[0].strip() if lines else ""
    if len(found.encode()) > LONGEST:
        raise _refused(f"The password is longer than {LONGEST} bytes / パスワードが長すぎます({LONGEST}バイトまで)")
    if len(found) < LEAST:
        raise _refused(f"The password must have {LEAST} characters or more / パスワードは{LEAST}文字以上にしてください")
    return found


def _refused(words):
    return errors.ShindanError(errors.BAD_CONFIG, words, f"client.yaml, field `pdf_password_file`, or ${delivery.PASSWORD_VARIABLE}",
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
