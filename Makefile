# Two commands matter: `make run` and `make test`.
VENV := .venv
PY := $(VENV)/bin/python
PORT ?= 8000
# Compiled modules are kept, also where the environment says otherwise: the tests start some hundred processes of ours.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup run worker test check faults bench

setup: $(VENV)/.installed .env

$(VENV)/.installed: pyproject.toml
	@echo "Installing into $(VENV); this takes a minute or more, and only once."
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# The secrets of this machine, made once: a missing secret refuses to start, so there is no default for any.
.env:
	umask 077; $(PY) -c "import secrets; print(f'SECRET_KEY={secrets.token_urlsafe(48)}\nTWILIO_ACCOUNT_SID=AC{secrets.token_hex(16)}\nTWILIO_AUTH_TOKEN={secrets.token_hex(16)}\nPUBLIC_URL=http://127.0.0.1:$(PORT)\nDEMO=1')" > $@

# Another port than the one .env was made for is another address; one that is not of this machine stays as it is.
HERE = $(shell grep -q '^PUBLIC_URL=http://127\.0\.0\.1:' .env && echo PUBLIC_URL=http://127.0.0.1:$(PORT))

run: setup
	$(VENV)/bin/flask --app app desk demo
	@echo "Afterhours: http://127.0.0.1:$(PORT)  Try a call: http://127.0.0.1:$(PORT)/try"
	PORT=$(PORT) $(HERE) PATH="$(CURDIR)/$(VENV)/bin:$$PATH" sh -c "$$(sed -n 's/^web: /exec /p' Procfile)"

worker: setup
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" sh -c "$$(sed -n 's/^worker: /exec /p' Procfile)"

test: setup
	$(PY) -m pytest -n 2 --dist worksteal

check: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m pytest -q tests/test_shape.py tests/test_migrations.py

faults: setup
	$(PY) tests/faults.py

bench: setup
	$(PY) -m bench
