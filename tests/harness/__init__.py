# SPDX-License-Identifier: MPL-2.0
"""What the end-to-end tests, the demo and the benchmarks are made of: a database, a broker, storage nodes, a metrics
agent, and the program itself. To import it goes on with the Python that has the packages it needs.
"""
from . import venv

venv.enter()
