"""`python -m smv_ai.golden`."""

import sys

from smv_ai.golden.command import main

sys.exit(main())
