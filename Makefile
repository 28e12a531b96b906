.PHONY: check format lint types test slow
check: format lint types test  ## everything that must hold before a commit

format:
	ruff format --check .
lint:
	ruff check .
types:
	mypy
test:
	pytest -q
slow:
	pytest -q -m slow
