"""`python -m overt` is the `overt` command."""

from overt.cli import main

raise SystemExit(main())
