"""A first client.yaml for files nobody has mapped: client.yaml.suggested, guesses marked `# ? guess`."""

import fnmatch
import itertools
import json
import re

import yaml

from shindan.characters import fold
from shindan.intake import crosstab, entries, presets, recognise

GUESS = "# ? guess"
TO_WHOM = r"届け?先|配送先|送付先|発送先|お届け|受取人|贈り先|ship|recipient|請求先住所"
OF_COSTS = r"広告|媒体|出稿|販促費|宣伝|cost|spend"  # a table of months may be of sales, too
SUMMARY = r"まとめ|集計|総括|サマリ|summary"  # a sheet of what the others hold
NO_YEAR = '。年が無いので足す / add the year: options: {first_month: "2024-04"}'
PARTS = r"グループ|group"  # what survey tools derive from a score
PEOPLE = {
    "customer_id": r"(会員|顧客|お客様|客|customer|member|user)[_ ]?(番号|ID|id|No|コード|code|number|$)",
    "email": r"メール(アドレス)?|メルアド|メアド|e-?mail|^mail", "phone": r"電話|TEL|携帯(番号)?$|phone",
    "kana": r"カナ|フリガナ|ふりがな|^(ヨミ|よみ|読み)|kana", "name": r"氏名|お名前|おなまえ|フルネーム|注文者名?$|購入者名?$|顧客名|^名前|customer[_ ]?name",
    "postal_code": r"郵便|〒|zip|postal",
}
CODES = {"ad_code": r"広告コード|媒体コード|ad[_ ]?code|流入コード", "acq_channel": r"媒体|チャネル|チャンネル|channel|流入元|経路"}
# table -> (preset, fields that must be found, {field: words of a header}), the first hit holds
WORDS = {
    "nps_responses": ("generic_nps", ("score",), {
        "score": r"薦め|勧め|すすめ|推奨度|recommend|NPS|ＮＰＳ", "comment": r"理由|コメント|ご意見|自由|comment|reason|feedback",
        "responded_at": r"回答日|タイムスタンプ|timestamp|submit|送信日時|日時|date",
        "response_id": r"回答(者)?ID|response[_ ]?id|respondent", **PEOPLE}),
    "orders": ("generic_orders", ("ordered_at", "order_no"), {
        "order_no": r"(注文|受注|受付|オーダー|伝票|売上|order)[_ ]?(番号|ID|No|コード|number)|^order$|^(No|№|番号)\.?$",
        "ordered_at": r"(注文|受注|受付|申込|購入|オーダー|売上)(日時?|年月日)|order[_ ]?(date|time)|purchase[_ -]?date|created|^日時$|^日付$",
        "status": r"状態|状況|ステータス|status", "items_jpy": r"小計|商品(合)?計|商品(合計)?金額|subtotal|商品代",
        "billed_jpy": r"請求|支払(い)?合計|総?合計|総額|^total|注文金額|売上金額|お買上", "shipping_jpy": r"送料|配送料|発送料|shipping",
        "fee_jpy": r"手数料|代引料|fee", "discount_shop_jpy": r"値引|割引|discount|クーポン.*額",
        "points_shop_jpy": r"(利用|使用)ポイント|ポイント(利用|使用)", "tax_jpy": r"消費税|税額|^tax",
        "shipped_date": r"(発送|出荷)日", "payment_method": r"支払(い)?方法|決済方法|payment", "coupon_code": r"クーポン|coupon",
        "sku": r"商品(コード|番号)|品番|型番|^sku", "product_name": r"商品名|品名|product[_ ]?name|^商品$",
        "qty": r"数量|個数|qty|quantity", "unit_price_jpy": r"単価|価格|unit[_ ]?price", **CODES, **PEOPLE}),
    "ad_costs": ("generic_ad_costs", ("cost_date", "media_cost_jpy"), {
        "media_cost_jpy": r"広告費|費用|コスト|利用金額|消化金額|出稿|cost|spend|金額",
        "cost_date": r"^(年?月|日|日付|年月日?|対象月|期間|date|month|day)$|配信月|掲載月", "campaign_name": r"キャンペーン|campaign",
        "impressions": r"表示回数|インプレッション|impression|^imp", "clicks": r"クリック|click", **CODES}),
    "campaign_responses": ("generic_campaign_responses", ("event", "campaign_id"), {
        "campaign_id": r"配信ID|キャンペーン|campaign|施策", "event": r"イベント|反応|event", "event_date": r"日時?$|date", **PEOPLE}),
    "campaign_sends": ("generic_campaign_sends", ("sent_date", "email"), {
        "campaign_id": r"配信ID|キャンペーン|campaign|施策", "sent_date": r"(配信|送信)日|sent|send[_ ]?(date|time)",
        "arm": r"^群$|グループ|^arm$|group", "delivery": r"(配信|送信)結果|delivery", **PEOPLE}),
    "customers": ("generic_customers", (), {
        "registered_at": r"登録日|(入会|ご入会)日?$|registered|created", "prefecture": r"都道府県|prefecture", "birth_date": r"生年月日|誕生日|birth",
        "sex": r"性別|^性$|^sex$|gender", "mail_optin": r"メルマガ|メールマガジン|配信許可|opt[_ -]?in", "lifetime_orders_reported": r"購入回数|注文回数",
        "member_rank": r"ランク|rank", "is_withdrawn": r"退会", **PEOPLE, "customer_id": PEOPLE["customer_id"] + r"|管理[_ ]?(番号|No|ID)"}),
}
STATUS = ((r"キャンセル|取消|取り消し|cancel|void", "cancelled"), (r"返品|refund|return", "returned"),
          (r"テスト|test", "test"), (r"未入金|入金待|保留|処理中|仮|pending|unpaid", "pending"), (r"", "valid"))


def suggest(looks):
    """[{path, preset, …}, …] for the files no source reads, and a remark for each: (sources, remarks)."""
    groups, served = {}, {found.best.preset for found in looks if found.best}
    ours = [s for found in looks for s in found.sources]
    for found in looks:
        if not found.sources:
            source, why = _source(found, served)
            if source:
                source |= entries.as_before(found.file, source, ours)
                source["+"] = [*source.get("+", ()), *_other_sheets(found, source, served)]
                alike = json.dumps([entries.stem(found.file), {**source, "status": None}], ensure_ascii=False)
                first, names = groups.setdefault(alike, (source, {}))
                first.get("status", {}).update(source.get("status", {}))
                names[found.file] = why
    sources, remarks = [], []
    every = [found.file for found in looks]
    for source, names in groups.values():
        for path in _paths([*names], every):
            for one in (source, *source.get("+", ())):
                sources.append({"path": path, **{k: v for k, v in one.items() if k != "+"}})
                remarks.append(names.get(path, next(iter(names.values()))))
    entries.name_shops(sources, ours)
    return sources, remarks


def _source(found, served):
    """(source, why) of a file as far as it can be told; (None, why)."""
    return _known(found, served) if found.best else _survey(found) or _wide(found) or _guess(found)


def _other_sheets(found, source, served):
    """The sources of a hand-made workbook's other sheets with the same kind of table: a sheet a year, a sheet a shop.

    A tool's export says the same on each (Meta: formatted and raw), a summary what the others say; make check names those.
    """
    if not source["preset"].startswith("generic_") or re.search(SUMMARY, source.get("sheet", ""), re.I):
        return []
    seen, others = {s.rows for s in found.sheets if s.name == source.get("sheet")}, []
    for one in recognise.by_sheet(found) if len(found.sheets) > 1 else ():
        other, rows = _source(one, served)[0], one.sheets[0].rows
        if other and other["preset"] == source["preset"] and rows not in seen and not re.search(SUMMARY, other["sheet"], re.I):
            others.append(other)
        seen.add(rows)
    return others


def guessed(looks, sources):
    """{file: preset} of the files that no source of client.yaml and no preset reads by itself, as `sources` suggest."""
    return {found.file: s["preset"] for found in looks if not (found.sources or found.best)
            for s in sources if fnmatch.fnmatchcase(found.file, s["path"].replace("[", "[[]"))}


def write(folder, looks):
    """client.yaml.suggested beside client.yaml (which is never touched); returns its sources."""
    sources, remarks = suggest(looks)
    file = folder.path / "client.yaml.suggested"
    if not sources:
        file.unlink(missing_ok=True)
        return []
    file.write_text(text(sources, remarks), "utf-8")
    return sources


def text(sources, remarks):
    """The suggestion as YAML a person can read, correct and copy."""
    lines = ["# Suggested by `make check`: copy what is right into client.yaml, under `sources:`.",
             "# client.yaml にはまだ入っていません。正しいものを sources: に写してください。",
             f"# `{GUESS[2:]}` marks what was guessed from words: look at it. / 見出しの言葉からの推測です。確認してください。",
             "sources:"]
    for source, why in zip(sources, remarks, strict=True):
        guessed = GUESS[2:] in why
        lines += [f"  - path: {_quoted(source['path'])}", f"    preset: {source['preset']}  # {why}"]
        for key in ("shop", "sheet"):
            if key in source:
                lines.append(f"    {key}: {_quoted(source[key])}" + (f"  {GUESS}" if key == "shop" else ""))
        if source["preset"].startswith("generic_ad_costs") and "options" not in source and "税" not in source.get("columns", {}).get("media_cost_jpy", ""):
            lines.append("    # options: {cost_tax: included}   # 税込なら # を外す / if the costs include tax")
        if presets.load(source["preset"]).table == "ad_costs" and not source["preset"].startswith("generic_") and "values" not in source:
            lines.append("    # values: {acq_channel: …}   # 流入チャネルの名前(channels: と揃える)を書いて # を外す / the channel these costs are of")
        for key in ("columns", "values", "options", "status"):
            if source.get(key):
                lines.append(f"    {key}:")
                lines += [f"      {_quoted(k)}: {_quoted(v)}" + (f"  {GUESS}" if guessed or key != "columns" else "")
                          for k, v in source[key].items()]
    return "\n".join(lines) + "\n"


def _known(found, served):
    """`served`: the presets that have a file of their own; no other file is read by them on the side."""
    m = found.best
    source = {"preset": m.preset, **_shop(found.file, m.preset), **({"sheet": m.sheet} if m.sheet else {})}
    source["+"] = [{**source, "preset": c.preset} for c in found.companions if c.preset not in served]
    if m.preset == "mailchimp_audience":
        source["values"] = {"mail_optin": found.file.rpartition("/")[2].startswith("subscribed")}
    return source, f"{m.title}: 必要な列は揃っている / has the needed columns, {m.hits}/{m.columns} known"


def _survey(found):
    """A survey tool's file whose question is the shop's own words: its preset, the question guessed."""
    m = found.matches[0] if found.matches else None
    if not m or m.table != "nps_responses" or m.missing != ("score",) or m.hits < recognise.LEAST_KNOWN:
        return None
    rows = next(s.rows for s in found.sheets if s.name == m.sheet)[m.row - 1:m.row + 1]
    words = WORDS["nps_responses"][2]
    columns = {}
    for field in ("score", "comment"):
        place = next((i for row in rows for i, cell in enumerate(row)
                      if re.search(words[field], fold(cell), re.I) and not re.search(PARTS, fold(cell), re.I)
                      and i < len(rows[0]) and rows[0][i].strip()), None)
        if place is not None and rows[0][place] not in columns.values():
            columns[field] = rows[0][place]
    return {"preset": m.preset, **({"sheet": m.sheet} if m.sheet else {}), "columns": columns}, \
        f"{GUESS[2:]}: {m.title}、点数の設問はこの列か / is this the question of the score?"


def _wide(found):
    """A cross-tab of months and media whose words, or whose file's name, speak of advertising."""
    for sheet in found.sheets:
        table = crosstab.look(sheet.rows, (sheet.name, found.file))
        if table and re.search(OF_COSTS, fold(" ".join([found.file, sheet.name or "", *(c for row in sheet.rows for c in row)])), re.I):
            return {"preset": "generic_ad_costs_wide", **({"sheet": sheet.name} if sheet.name else {}),
                    **({"options": {"cost_tax": "included"}} if table.has_tax else {})}, \
                f"{GUESS[2:]}: 月と媒体の表と見た / a table of months and media" + ("" if table.dated else NO_YEAR)
    return None


def _guess(found):
    """The generic preset whose words are found in a header of the file; (None, why) if none are."""
    tried = [(len(fields), table, sheet, rows, fields)
             for height in (1, 2) for sheet in found.sheets for rows in _headers(sheet, height)
             for table, fields in _tables(_names([sheet.rows[row] for row in rows]))]
    if not tried:
        return None, "unknown"
    most = max(n for n, *_ in tried)
    _, table, sheet, rows, fields = next(t for t in tried if t[0] == most)
    preset = WORDS[table][0]
    source = {"preset": preset, **_shop(found.file, preset), **({"sheet": sheet.name} if sheet.name else {}),
              "columns": fields}
    if "税込" in fields.get("media_cost_jpy", ""):
        source["options"] = {"cost_tax": "included"}
    if "status" in fields:
        source["status"] = _statuses(sheet, rows, fields["status"])
    return source, f"{GUESS[2:]}: 見出しの言葉から / by the words of its header, {len(fields)} columns"


def _headers(sheet, height):
    """The rows that may be a header: each of the first, or two of which the second names no number."""
    for row in range(min(len(sheet.rows) - height + 1, recognise.header.SEARCHED_ROWS)):
        if height == 1 or not any(re.search(r"\d", fold(cell)) for cell in sheet.rows[row + 1]):
            yield range(row, row + height)


def _names(rows):
    """What each column is called: the lowest name; what stands above it is a heading over several."""
    return [next((c for c in reversed(cells) if c.strip()), "") for cells in itertools.zip_longest(*rows, fillvalue="")]


def _tables(cells):
    """(table, {field: header}) of every table whose needs are all met by words in these cells."""
    for table, (_, needed, words) in WORDS.items():
        fields = _fields(cells, words)
        if table == "orders" and not {"items_jpy", "billed_jpy", "unit_price_jpy"} & set(fields):
            continue
        if table == "orders" and "items_jpy" not in fields and "unit_price_jpy" not in fields:
            fields["items_jpy"] = fields["billed_jpy"]
        enough = {"registered_at", "birth_date", "prefecture", "mail_optin", "sex"} & set(fields)
        if table == "customers" and not ("customer_id" in fields and enough):
            continue
        if all(f in fields for f in needed):
            yield table, fields


def _fields(cells, words):
    fields, taken = {}, set()
    for field, pattern in words.items():
        for cell in cells:
            told = fold(cell)
            if told and len(told) < 120 and cell not in taken and re.search(pattern, told, re.I) \
                    and not re.search(TO_WHOM if field in PEOPLE else r"^$", told, re.I):
                fields[field] = cell.strip()
                taken.add(cell)
                break
    return fields


def _statuses(sheet, rows, column):
    """The status words in the rows below the header's `rows`, each with a guess."""
    place = next(cells.index(column) for row in rows
                 if column in (cells := [c.strip() for c in sheet.rows[row]]))
    words = sorted({r[place].strip() for r in sheet.rows[rows[-1] + 1:] if len(r) > place and r[place].strip()})
    return {w: next(s for p, s in STATUS if re.search(p, w, re.I)) for w in words[:20]}


def _shop(name, preset):
    """A file in a folder of raw/, or orders or people of a mall, are of a shop of that name."""
    place = name.rpartition("/")[0].split("/")[0]
    of_shop = presets.load(preset).table in ("orders", "customers")
    mall = next((m for m in entries.MALLS if preset.startswith(m)), None) if of_shop else None
    return {"shop": place or mall} if place or mall else {}


def _paths(names, every):
    """One pattern for all names, if it means no other file; else each by itself."""
    pattern = entries.stem(names[0])
    meant = {n for n in every if fnmatch.fnmatchcase(n, pattern.replace("[", "[[]"))}
    return [pattern] if len(names) > 1 and meant == set(names) else [n.replace("*", "?") for n in names]


def _quoted(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = isinstance(value, str) and re.fullmatch(r"[^\W\d_][\w./\-]*", value) and isinstance(yaml.safe_load(value), str)
    return value if plain else json.dumps(value, ensure_ascii=False)
