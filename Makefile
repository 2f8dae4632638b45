# Shindan (通販診断): raw files -> tables -> executed notebooks -> one report.
# A line with `##` is a command for people; `make` prints them.

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

PYTHON ?= python3
PY := .venv/bin/python
SHINDAN := $(PY) -m shindan.cli

# --- CLIENT: a-z 0-9 _ - only. The text is never expanded as make or shell before it is checked.
drop = $(if $1,$(call drop,$(wordlist 2,99,$1),$(subst $(firstword $1),,$2)),$2)
letters := a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9 _ -
override CLIENT := $(value CLIENT)
odd := $(call drop,$(letters),$(CLIENT))$(filter -% _%,$(CLIENT))$(word 2,x$(CLIENT)x)
ifneq ($(odd),)
override CLIENT := invalid
GUARD := bad-client
else ifeq ($(CLIENT),)
GUARD := bad-client
else
GUARD := .venv/.ready
endif
MAKEOVERRIDES :=

CLIENTS := $(or $(SHINDAN_CLIENTS),client_data)
C := $(CLIENTS)/$(CLIENT)
T := $(C)/work/tables
N := $(C)/work/notebooks
D := $(C)/deliverables/latest

CODE := $(shell find lib -name '*.py' -o -path 'lib/shindan/*.yaml')
LOOK := $(shell find templates/report -type f)
CHAPTERS := $(filter-out summary,$(basename $(notdir $(wildcard notebooks/*.ipynb))))

# --- for people ------------------------------------------------------------------------------
.PHONY: shops journey faults browser big help report check lists sent lab new purge verify bench gallery test lint lock clean steps bad-client FORCE

help:  ## この一覧 / this help
	@echo '通販診断 Shindan'
	@echo
	@grep -hE '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 18
	@echo
	@echo '  例 e.g.  make report CLIENT=demo'

report: $(GUARD) $(if $(filter demo,$(CLIENT)),$(CLIENTS)/demo/.made)  ## CLIENT=x  診断のすべて: PDF・ブック・リスト / the whole diagnosis: PDF, workbook, lists
	@MAKE_COMMAND='$(MAKE_COMMAND)' $(SHINDAN) report $(CLIENT)

lists: $(GUARD) $(if $(filter demo,$(CLIENT)),$(CLIENTS)/demo/.made)  ## CLIENT=x  同じ診断と、リストの件数 / the same run, then what is on the mailing lists
	@MAKE_COMMAND='$(MAKE_COMMAND)' $(SHINDAN) lists $(CLIENT)

sent: $(GUARD)  ## CLIENT=x  リストを送った記録(assume_sent: false のとき) / record the lists as sent (with assume_sent: false)
	@$(SHINDAN) sent $(CLIENT)

check: $(GUARD) $(if $(filter demo,$(CLIENT)),$(CLIENTS)/demo/.made)  ## CLIENT=x  読込と突合だけ / read the files and reconcile, nothing else
	@$(SHINDAN) check $(CLIENT)

new: $(GUARD)  ## CLIENT=x  新しいクライアントのフォルダ / a folder for a new client
	@$(SHINDAN) new $(CLIENT)

lab: $(GUARD) .venv-lab/.ready  ## CLIENT=x  JupyterLabで表を見る / explore the tables in JupyterLab
	@$(SHINDAN) workbench $(CLIENT)
	@.venv-lab/bin/jupyter lab --ip=127.0.0.1 --KernelSpecManager.ensure_native_kernel=False $(C)/lab

verify: $(GUARD)  ## CLIENT=x  納品物は作られたままか / is the delivery what was made?
	@$(SHINDAN) verify $(CLIENT)

purge: $(GUARD)  ## CLIENT=x  途中の生成物を消す(元のファイル・設定・納品物は残る) / delete everything derived
	@$(SHINDAN) purge $(CLIENT)

test: .venv/.ready-test  ## テスト / the tests
	@$(PY) -m pytest -n auto --dist loadfile

shops: .venv/.ready-test  ## 難しい店を丸ごと診断 / shops that break careless analyses, whole
	@$(PY) -m pytest tests/shops -n auto --dist loadfile

journey: .venv/.ready-journey  ## 公開データで1年分を通す / a public year of a grocer as a client (31 MB to fetch)
	@$(PY) -m pytest tests/journey -s

faults: .venv/.ready-test  ## 止める・壊す・溢れさせる / what killed runs and damaged files leave
	@$(PY) -m pytest tests/faults

big: .venv/.ready-test  ## 注文明細1,000万行を読む / ten million order lines in bounded memory
	@$(PY) -m pytest tests/big

browser: .venv/.ready-test .venv-lab/.ready  ## make lab をChromiumで / `make lab` in Chromium, where there is one
	@$(PY) -m pytest tests/browser

lint: .venv/.ready-test  ## 書き方の検査 / code style
	@.venv/bin/ruff check lib tests

bench: .venv/.ready-test  ## ORDERS=n  速さとメモリ / speed and memory beside a reference
	@$(PY) tests/bench/run.py
	@$(PY) tests/bench/pages.py
	@$(PY) tests/bench/million.py

gallery: .venv/.ready-test  ## docs/gallery の図を作る / the pictures in docs/gallery
	@$(PY) docs/gallery/make.py

lock:  ## requirements/*.txt を更新 / renew requirements/*.txt
	@sh requirements/lock.sh

clean:  ## 環境を消す / delete the environments and caches
	rm -rf .venv .venv-lab build .pytest_cache .ruff_cache

# --- the pipeline of one client ---------------------------------------------------------------
steps: $(D)/manifest.json

# raw files -> tables. `find -cnewer` sees added, changed and removed files, whatever their names.
# So does an earlier list that came to sent/, or was deleted there.
RAW_CHANGED = $(shell test -e $(T)/.done && { find $(C)/raw -cnewer $(T)/.done; \
  find $(C)/sent -newer $(T)/.done; } 2>/dev/null | head -n 1)
$(T)/.done: $(C)/client.yaml $(CODE) $(if $(RAW_CHANGED),FORCE)
	@$(SHINDAN) tables $(CLIENT)

# a table keeps its time stamp when its content did not change: what depends on it is not run again
TABLES := $(addprefix $(T)/,$(addsuffix .parquet,purchases buyers orders order_lines customers \
  ad_costs campaigns campaign_sends campaign_responses campaign_stats nps_responses events \
  subscriptions customer_ids load_report)) $(T)/facts.json $(T)/days.json
$(TABLES) $(C)/work/private/contacts.parquet: $(T)/.done ;
.PRECIOUS: $(TABLES) $(C)/work/private/contacts.parquet $(D)/manifest.json

# tables -> who gets which list; only counts of it reach a chapter
L := $(C)/work/lists
$(L)/.done: $(TABLES) $(C)/work/private/contacts.parquet $(C)/client.yaml $(CODE)
	@$(SHINDAN) plan $(CLIENT)
$(L)/list_counts.parquet: $(L)/.done ;

# tables -> executed notebooks; what a chapter reads beside the purchases is said here
$(N)/acquisition.ipynb: $(T)/ad_costs.parquet $(T)/customers.parquet $(T)/orders.parquet
$(N)/ltv.ipynb: $(T)/ad_costs.parquet $(T)/customers.parquet
$(N)/rfm.ipynb: $(T)/customers.parquet $(T)/order_lines.parquet
$(N)/cards.ipynb: $(T)/customers.parquet
$(N)/basket.ipynb: $(T)/orders.parquet $(T)/order_lines.parquet
$(N)/campaign.ipynb: $(T)/campaigns.parquet $(T)/campaign_sends.parquet $(T)/campaign_responses.parquet $(T)/campaign_stats.parquet
$(N)/repeat.ipynb: $(T)/orders.parquet $(T)/order_lines.parquet $(T)/customers.parquet $(T)/subscriptions.parquet
$(N)/nps.ipynb: $(T)/nps_responses.parquet
$(N)/data.ipynb: $(T)/facts.json $(T)/load_report.parquet $(T)/orders.parquet $(T)/customer_ids.parquet
$(N)/lists.ipynb: $(L)/list_counts.parquet $(T)/customers.parquet
DONE := $(CHAPTERS:%=$(N)/%.ipynb)
$(DONE): $(N)/%.ipynb: notebooks/%.ipynb $(T)/purchases.parquet $(T)/buyers.parquet $(T)/days.json $(C)/client.yaml $(CODE)
	@$(SHINDAN) chapter $(CLIENT) $*

$(N)/summary.ipynb: notebooks/summary.ipynb $(DONE)
	@$(SHINDAN) chapter $(CLIENT) summary

# executed notebooks -> one delivery; PUBLISH= when the last one is missing, damaged or of other files
$(D)/manifest.json: $(N)/summary.ipynb $(L)/.done $(T)/facts.json $(LOOK) $(wildcard $(C)/commentary/*.md) $(if $(PUBLISH),FORCE)
	@$(SHINDAN) publish $(CLIENT)

$(CLIENTS)/demo/.made: $(wildcard lib/shindan/demo/*.py) | .venv/.ready
	@echo '  … demo  デモデータ作成'
	@$(SHINDAN) demo
	@touch $@

# --- environments, from hash-locked requirements ----------------------------------------------
.venv/.ready: requirements/main.txt requirements/uv.txt pyproject.toml
	@sh requirements/environment.sh .venv '$(PYTHON)' main
	@touch $@

.venv/.ready-test: .venv/.ready requirements/test.txt requirements/data.txt
	@sh requirements/environment.sh .venv '$(PYTHON)' test
	@touch $@

.venv/.ready-journey: .venv/.ready-test requirements/journey.txt
	@sh requirements/environment.sh .venv '$(PYTHON)' journey
	@touch $@

.venv-lab/.ready: requirements/lab.txt requirements/uv.txt .venv/.ready
	@sh requirements/environment.sh .venv-lab '$(PYTHON)' lab
	@$(PY) -m ipykernel install --prefix .venv-lab --name python3 --display-name Shindan >/dev/null 2>&1
	@.venv-lab/bin/jupyter labextension disable --level=sys_prefix @jupyterlab/apputils-extension:announcements 2>/dev/null
	@touch $@

bad-client:
	@echo 'shindan: CLIENT= must be the name of a folder in client_data/ (a-z 0-9 _ -) / クライアント名を指定してください' >&2
	@echo '  mend / 直し方: make report CLIENT=demo' >&2
	@exit 10
