"""Why a row cannot be used, as a consultant reads it: the reason's code -> what it means, what to do."""

COLUMN = "別の列を指していないか client.yaml の columns: を確かめる"
AGAIN = "Excelで開かずに、もう一度出力してもらう"
MAP = '{is_withdrawn: {from: 備考, map: {退会: "yes", default: "no"}}}'
REASONS = {
    "not_an_amount": ("金額として読めません", COLUMN),
    "not_a_number": ("数として読めません", COLUMN),
    "not_a_date": ("日付として読めません", f"{COLUMN}。日と月の順は options: {{date_order: …}} で指定できる"),
    "not_yes_or_no": ("はい・いいえ(1・0)として読めません", f"{COLUMN}。言葉の意味は {MAP} のように書ける"),
    "not_mapped": ("意味の決まっていない言葉です", f"client.yaml の columns: に意味を書く。例: {MAP}"),
    "not_a_score_0_to_10": ("0〜10の点数ではありません", "点数の設問の列を client.yaml の columns: {score: …} で指定する"),
    "not_a_share_0_to_1": ("割合(20% または 0.2)ではありません", COLUMN),
    "below_zero_where_nothing_is_added": ("値引き・ポイントが負の数です",
                                          "値引きを△やマイナスで書く出力なら columns: {discount_shop_jpy: {from: 列名, absolute: true}} と書く"),
    "another_currency": ("別の通貨の金額です", "円の行だけを出力してもらうか、通貨ごとに別のクライアントとして扱う"),
    "empty": ("空欄です(9999-12-31のような仮の日付も)", f"必ず要る項目です。結合したセルの値は先頭にしかないので、各行に入れる。{COLUMN}"),
    "wrong_number_of_cells": ("セルの数が見出しと合いません",
                              "セルの中のカンマや改行が引用符で囲まれていません。もう一度出力してもらう。表の下の注記なら消す"),
    "amounts_differ_within_the_order": ("同じ受注の行どうしで、受注の金額が違います", f"手で直した跡がないか確かめ、{AGAIN}"),
    "days_differ_within_the_order": ("1つの受注番号に日付が2つあります", "番号が振り直されるなら、日付の列とつないで番号にする: "
                                     "columns: {order_no: {join: [受付日, No]}}"),
    "first_row_of_the_order_missing": ("受注の金額が載った最初の行がありません", "途中で切れたファイルです。分けずに出力してもらう"),
}


def said(code):
    """`not an amount / 金額として読めません`."""
    return f"{code.replace('_', ' ')} / {REASONS[code][0]}"


def mend(code):
    """What a consultant can do about it."""
    return REASONS[code][1]
