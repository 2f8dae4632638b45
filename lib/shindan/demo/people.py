"""Made-up people: no name, address or number here belongs to anybody.

Everything follows from a customer's running number, so that equal phone numbers never meet an
equal name (two persons stay two persons whatever the shop's size).
"""

import numpy as np

# kanji/kana/romaji; then kanji/kana/sex (1 m, 2 f); then prefecture:weight
_SURNAMES = """佐藤/サトウ/sato 鈴木/スズキ/suzuki 髙橋/タカハシ/takahashi 田中/タナカ/tanaka
伊藤/イトウ/ito 渡邉/ワタナベ/watanabe 山本/ヤマモト/yamamoto 中村/ナカムラ/nakamura
小林/コバヤシ/kobayashi 加藤/カトウ/kato 吉田/ヨシダ/yoshida 山田/ヤマダ/yamada
山﨑/ヤマザキ/yamazaki 佐々木/ササキ/sasaki 山口/ヤマグチ/yamaguchi 松本/マツモト/matsumoto
井上/イノウエ/inoue 木村/キムラ/kimura 林/ハヤシ/hayashi 齋藤/サイトウ/saito
清水/シミズ/shimizu 森/モリ/mori 阿部/アベ/abe 池田/イケダ/ikeda 橋本/ハシモト/hashimoto
石川/イシカワ/ishikawa 藤田/フジタ/fujita 岡田/オカダ/okada 長谷川/ハセガワ/hasegawa
村上/ムラカミ/murakami 近藤/コンドウ/kondo 遠藤/エンドウ/endo 青木/アオキ/aoki
坂本/サカモト/sakamoto 福田/フクダ/fukuda 太田/オオタ/ota 西村/ニシムラ/nishimura
藤井/フジイ/fujii 岡本/オカモト/okamoto 金子/カネコ/kaneko 三浦/ミウラ/miura
能登/ノト/noto 表/オモテ/omote 曽根/ソネ/sone"""
_GIVEN = """陽子/ヨウコ/2 和子/カズコ/2 幸子/サチコ/2 恵子/ケイコ/2 洋子/ヒロコ/2 久美子/クミコ/2
由美子/ユミコ/2 真由美/マユミ/2 直美/ナオミ/2 明美/アケミ/2 裕子/ユウコ/2 典子/ノリコ/2
智子/トモコ/2 美穂/ミホ/2 千恵/チエ/2 さくら/サクラ/2 彩/アヤ/2 舞/マイ/2 美咲/ミサキ/2
葵/アオイ/2 節子/セツコ/2 文子/フミコ/2 京子/キョウコ/2 清美/キヨミ/2 誠/マコト/1
健一/ケンイチ/1 浩/ヒロシ/1 隆/タカシ/1 修/オサム/1 豊/ユタカ/1 進/ススム/1 茂/シゲル/1
大輔/ダイスケ/1 翔太/ショウタ/1 拓也/タクヤ/1 直樹/ナオキ/1"""
_PREFECTURES = """北海道:51 青森県:12 岩手県:12 宮城県:23 秋田県:9 山形県:10 福島県:18 茨城県:28
栃木県:19 群馬県:19 埼玉県:73 千葉県:63 東京都:140 神奈川県:92 新潟県:21 富山県:10 石川県:11
福井県:7 山梨県:8 長野県:20 岐阜県:19 静岡県:36 愛知県:75 三重県:17 滋賀県:14 京都府:25
大阪府:88 兵庫県:54 奈良県:13 和歌山県:9 鳥取県:5 島根県:7 岡山県:18 広島県:27 山口県:13
徳島県:7 香川県:9 愛媛県:13 高知県:7 福岡県:51 佐賀県:8 長崎県:13 熊本県:17 大分県:11
宮崎県:10 鹿児島県:15 沖縄県:15"""
SURNAMES, GIVEN, PREFECTURES = _SURNAMES.split(), _GIVEN.split(), _PREFECTURES.split()
TOWNS = ("みどり市中央町", "あおば市さくら台", "ひかり市本町", "のぞみ市表通り", "わかば市新町")
BUILDINGS = ("", "", "", "", "", "みどり～ハイツ①-203", "コーポ髙砂 101", "サンライズ㈱社宅", "")
_NUMBERS = 30_000  # phone numbers: three prefixes, the unassigned block 0000, four digits


def _column(entries, place, sep="/"):
    return np.array([entry.split(sep)[place] for entry in entries], dtype=object)


def names(number):
    """Per customer number: surname, given, kana of both, romaji of the surname, sex (1 m, 2 f)."""
    combinations = len(SURNAMES) * len(GIVEN)
    pick = (number % _NUMBERS * 1103 + number // _NUMBERS) % combinations
    family, given = pick // len(GIVEN), pick % len(GIVEN)
    return {
        "surname": _column(SURNAMES, 0)[family], "given": _column(GIVEN, 0)[given],
        "surname_kana": _column(SURNAMES, 1)[family], "given_kana": _column(GIVEN, 1)[given],
        "romaji": _column(SURNAMES, 2)[family], "sex": _column(GIVEN, 2)[given].astype(int),
    }


def phones(number):
    """Per customer number: a phone number in a block that is never assigned (0x0-0000-xxxx)."""
    line = number % _NUMBERS
    prefix = np.array(["090", "080", "070"], dtype=object)[line // 10_000]
    return prefix + "0000" + np.char.zfill((line % 10_000).astype(str), 4).astype(object)


def emails(number, romaji):
    """Per customer number: an address in a domain reserved for examples."""
    domain = np.array(["example.jp", "example.com", "mail.example.jp"], dtype=object)[number % 3]
    return romaji + "." + number.astype(str).astype(object) + "@" + domain


def addresses(number, rng):
    """Per customer: prefecture id (1-47) and name, post code, street, building."""
    weights = _column(PREFECTURES, 1, ":").astype(float)
    prefecture = rng.choice(len(weights), size=len(number), p=weights / weights.sum())
    block = rng.integers(1, 30, size=(2, len(number))).astype(str).astype(object)
    return {
        "prefecture_id": prefecture + 1, "prefecture": _column(PREFECTURES, 0, ":")[prefecture],
        "postcode": "000" + np.char.zfill((number % 10_000).astype(str), 4).astype(object),
        "street": np.array(TOWNS, dtype=object)[prefecture % len(TOWNS)] + block[0] + "-" + block[1],
        "building": np.array(BUILDINGS, dtype=object)[rng.integers(0, len(BUILDINGS), len(number))],
    }
