"""Registers with Wagtail what cms.admin defines; nothing is defined here."""
