# SPDX-License-Identifier: MPL-2.0
"""bonsai: in place of the LDAP client that dlrepo imports and, without LDAP, never uses."""
