"""The canonical tables: after intake, these columns are all there is.

Money is integer yen, tax included unless named otherwise; times are the client's local
business time; ids are text. One row per table is said beside its name.
"""

import ibis

STATUSES = ("valid", "cancelled", "returned", "pending", "test")
ORDER_TYPES = ("onetime", "subscription", "reservation", "sample", "exchange", "wholesale")
PURCHASE_TYPES = ("onetime", "subscription", "reservation")
LINE_TYPES = ("product", "sample", "option", "shipping", "fee", "discount", "points")
OWN_IDS = ("cart_id", "email")   # of customer_ids.id_type: they follow a person over shops and years
RANKS = ("premium", "semi_premium", "regular", "dormant")
UNKNOWN_CHANNEL = "unknown"

TABLES = {
    # one row per order
    "orders": {
        "order_id": "string", "shop": "string", "source": "string", "order_no": "string",
        "customer_key": "string", "ordered_at": "timestamp", "order_date": "date",
        "shipped_date": "date", "status": "string", "status_raw": "string", "order_type": "string",
        "subscription_id": "string", "subscription_seq": "int64",
        "items_jpy": "int64", "discount_shop_jpy": "int64", "discount_mall_jpy": "int64",
        "points_shop_jpy": "int64", "points_mall_jpy": "int64", "shipping_jpy": "int64",
        "fee_jpy": "int64", "tax_jpy": "int64", "billed_jpy": "int64", "refund_jpy": "int64",
        "revenue_jpy": "int64", "revenue_tax_jpy": "int64",  # the tax still inside revenue_jpy
        "coupon_code": "string", "payment_method": "string", "device": "string",
        "acq_channel": "string", "ad_code": "string", "utm_source": "string",
        "utm_medium": "string", "utm_campaign": "string", "landing_url": "string",
        "is_guest": "boolean", "is_gift": "boolean", "is_staff": "boolean", "is_test": "boolean",
        "is_zero_yen": "boolean",
        "source_file": "string", "source_row": "int64", "source_updated_at": "timestamp",
    },
    # one row per line of an order
    "order_lines": {
        "order_id": "string", "line_no": "int64", "line_type": "string", "sku": "string",
        "product_name": "string", "variant": "string", "category": "string", "qty": "int64",
        "unit_price_jpy": "int64", "line_amount_jpy": "int64", "line_discount_jpy": "int64",
        "tax_rate": "float64", "is_subscription": "boolean", "cogs_jpy": "int64",
    },
    # one row per person (after 名寄せ)
    "customers": {
        "customer_key": "string", "n_source_ids": "int64", "registered_at": "timestamp",
        "first_order_date": "date", "prefecture": "string", "birth_year": "int64",
        "birth_month": "int64", "sex": "string", "member_rank": "string", "mail_optin": "boolean",
        "line_linked": "boolean", "lifetime_orders_reported": "int64", "acq_channel": "string",
        "ad_code": "string", "is_staff": "boolean", "is_test": "boolean",
        "is_wholesale": "boolean", "is_withdrawn": "boolean",
    },
    # one row per identifier of a person, hashed
    "customer_ids": {
        "customer_key": "string", "id_type": "string", "id_hash": "string", "source": "string",
        "link_rule": "string",
    },
    # one row per (day or month) x platform x campaign x ad, cost without tax
    "ad_costs": {
        "cost_date": "date", "grain": "string", "platform": "string", "account": "string",
        "campaign_name": "string", "adset_name": "string", "ad_name": "string",
        "ad_code": "string", "acq_channel": "string", "media_cost_jpy": "int64",
        "agency_fee_jpy": "int64", "impressions": "int64", "clicks": "int64",
        "platform_cv": "float64", "source_file": "string", "source_row": "int64",
    },
    # one row per campaign
    "campaigns": {
        "campaign_id": "string", "name": "string", "channel": "string", "objective": "string",
        "offer": "string", "coupon_code": "string", "start_date": "date",
        "response_window_days": "int64", "cost_fixed_jpy": "int64", "cost_per_send_jpy": "int64",
        "assignment": "string",  # random | rule | none
        "holdout_rate": "float64",  # planned share of the assigned that is left out, 0 to 1
    },
    # one row per campaign x person assigned to it (control included)
    "campaign_sends": {
        "campaign_id": "string", "customer_key": "string", "arm": "string",
        "is_control": "boolean", "assigned_date": "date", "sent_date": "date",
        "delivery": "string",
    },
    # one row per response event
    "campaign_responses": {
        "campaign_id": "string", "customer_key": "string", "event": "string",
        "event_date": "date", "count": "int64",
    },
    # one row per campaign of a tool that exports totals only
    "campaign_stats": {
        "campaign_id": "string", "variant": "string", "recipients": "int64",
        "delivered": "int64", "bounces": "int64", "unique_opens": "int64",
        "unique_clicks": "int64", "unsubscribes": "int64", "complaints": "int64",
        "orders": "int64", "revenue_jpy": "int64",
    },
    # one row per answer
    "nps_responses": {
        "response_id": "string", "survey_id": "string", "wave": "string",
        "customer_key": "string", "responded_at": "timestamp", "score": "int64",
        "comment": "string", "source_file": "string", "source_row": "int64",
    },
    # one row per event on the site
    "events": {
        "event_at": "timestamp", "event": "string", "visitor_id": "string",
        "customer_key": "string", "session_id": "string", "sku": "string", "qty": "int64",
        "value_jpy": "int64", "url": "string", "order_id": "string",
    },
    # one row per source / medium x period of a web analytics export
    "site_visits": {
        "from_date": "date", "to_date": "date", "source_medium": "string",
        "is_first_touch": "boolean", "users": "int64", "sessions": "int64", "key_events": "float64",
        "source_file": "string", "source_row": "int64",
    },
    # one row per subscription contract
    "subscriptions": {
        "subscription_id": "string", "customer_key": "string", "started_at": "timestamp",
        "status": "string", "cancelled_at": "timestamp", "cancel_reason": "string",
        "cycle": "string", "promised_count": "int64", "next_ship_date": "date",
        "last_seq": "int64",
    },
    # one row per file read: every row accounted for
    "load_report": {
        "file": "string", "sha256": "string", "preset": "string", "table": "string",
        "encoding": "string", "rows_read": "int64", "rows_used": "int64",
        "rows_skipped": "int64", "rows_rejected": "int64", "skipped_why": "string",
    },
}

# What analyses stand on; computed once from the canonical tables (analyses/purchases.py).
DERIVED = {
    # one row per person x day with a valid purchase (same-day orders are one occasion)
    "purchases": {
        "customer_key": "string", "purchase_date": "date", "purchase_no": "int64",
        "previous_date": "date", "revenue_jpy": "int64", "contribution_jpy": "int64",
        "n_orders": "int64", "order_id": "string", "acq_channel": "string", "ad_code": "string",
        "sku": "string", "product_name": "string", "is_sale": "boolean",
        "is_subscription": "boolean", "is_automatic": "boolean", "order_hour": "int64",
        "shipped_date": "date",
    },
    # one row per person with at least one valid purchase up to as_of
    "buyers": {
        "customer_key": "string", "first_date": "date", "second_date": "date",
        "last_date": "date", "cohort_month": "date", "n_purchases": "int64",
        "revenue_jpy": "int64", "contribution_jpy": "int64", "first_revenue_jpy": "int64",
        "first_contribution_jpy": "int64", "acq_channel": "string", "ad_code": "string",
        "first_sku": "string", "first_product": "string", "first_is_sale": "boolean",
        "first_is_subscription": "boolean", "first_hour": "int64", "is_new": "boolean",
    },
    # one row per mailing list (work/lists): how who is due becomes who is sent to (scenarios/planned.py)
    "list_counts": {
        "list": "string", "series": "string", "who": "string", "priority": "int64", "day": "int64",
        "window_days": "int64", "holdout_rate": "float64", "n": "int64", "n_withdrawn": "int64",
        "n_complaint": "int64", "n_opted_out": "int64", "n_no_consent": "int64", "n_bounced": "int64",
        "n_no_address": "int64", "n_set_aside": "int64", "n_returned": "int64", "n_subscriber": "int64",
        "n_bought_again": "int64", "n_overtaken": "int64", "n_capped": "int64", "n_control": "int64",
        "n_sent": "int64", "n_people_control": "int64", "n_people_sent": "int64", "n_late": "int64", "n_estimated": "int64", "usual_rate": "float64",
        "detectable_pt": "float64",
    },
}


def of(name):
    """The Ibis schema of a canonical or derived table."""
    return ibis.schema(TABLES.get(name) or DERIVED[name])
