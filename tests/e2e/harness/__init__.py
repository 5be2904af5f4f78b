# SPDX-License-Identifier: MPL-2.0
"""What end-to-end tests need: a database, storage nodes, a metrics agent, and the program itself."""
