"""Writes the simulated shop as its owner would send it: every file of client_data/demo/raw."""

import contextlib

import numpy as np
import pandas as pd

from shindan.demo import cart, costs, sent, subscriptions, survey
from shindan.demo import catalogue as cat
from shindan.demo import csvtext as text

BOM = "\ufeff"


class Files:
    """The open files of one shop; blocks are appended in the order customers came."""

    def __init__(self, folder, plan):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.plan = folder, plan
        self._open, self._next, self._contract = contextlib.ExitStack(), 100_001, 5001
        self._answers = []
        self.half_years = list(cart.half_years())

    def __enter__(self):
        order_header = text.header(cart.ORDER_HEADERS)
        self.orders = [self._file(name, "cp932", order_header) for name, *_ in self.half_years]
        self.customers = self._file("customer.csv", "cp932", text.header(cart.CUSTOMER_HEADERS))
        self.permission = self._file("mail_permission.csv", "utf-8", BOM + text.header(sent.PERMISSION))
        self.sends = self._file("campaign_sends.csv", "utf-8", BOM + text.header(sent.SENDS))
        self.responses = self._file("campaign_responses.csv", "utf-8", BOM + text.header(sent.RESPONSES))
        self.events = self._file("cart_events.csv", "utf-8", text.header(sent.EVENTS))
        self.contracts = self._file("subscriptions.csv", "cp932", text.header(subscriptions.HEADERS))
        return self

    def __exit__(self, *failure):
        self._open.close()

    def _file(self, name, encoding, first):
        # an unencodable character is a mistake of ours: it raises
        handle = self._open.enter_context((self.folder / name).open("w", encoding=encoding, newline=""))
        handle.write(first)
        return handle

    def add(self, block, rng):
        """Append one block (see demo.Block)."""
        o = self._received(block, rng)
        c = cart.members(block.customers, o)
        for (_, first, last), handle in zip(self.half_years, self.orders, strict=True):
            handle.write(cart.order_rows(c, o[o.day.between(first, last)], block.lines))
        self.customers.write(cart.customer_rows(c, o))
        self.permission.write(sent.permission_rows(c))
        self.sends.write(sent.send_rows(c, block.sends))
        self.responses.write(sent.response_rows(c, block.responses))
        self.events.write(sent.event_rows(c, o, block.lines, rng))
        self.contracts.write(subscriptions.rows(c, block.contracts, self._contract))
        self._contract += len(block.contracts)
        self._answers.append(block.answers)

    def finish(self):
        """The files that are not made block by block."""
        (self.folder / "campaigns.csv").write_text(
            BOM + text.header(sent.CAMPAIGNS) + sent.campaign_rows(), "utf-8", newline="")
        costs.write(self.folder, self.plan)
        survey.write(self.folder, pd.concat(self._answers, ignore_index=True), self.plan)

    def _received(self, block, rng):
        """The orders up to as_of with what the cart adds: ids, status, shipment."""
        o = block.orders[block.orders.day <= cat.AS_OF].copy()
        o["id"] = self._next + np.arange(len(o))
        o["first_item"] = o.id * 10
        self._next += len(o)
        ship = o.day + rng.integers(1, 4, size=len(o))
        late = ship > cat.AS_OF
        o["shipped"] = np.where(late | (o.kind == "cancelled"), -1, ship)
        waiting = np.where(o.payment == 0, "6", "1")
        o["status"] = np.select([o.kind == "cancelled", o.kind == "returned", late],
                                ["3", "9", waiting], "5")
        return o
