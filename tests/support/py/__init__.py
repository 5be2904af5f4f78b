# SPDX-License-Identifier: MPL-2.0
"""What the end-to-end tests and the demo are made of."""
