"""The workspace: where it is, what its `adsyncdiag.toml` says, and the secrets that belong to it."""

from adsyncdiag.settings.model import (
    FILE_NAME,
    AdSettings,
    EntraSettings,
    GuardSettings,
    ServerSettings,
    Settings,
    StoreSettings,
)
from adsyncdiag.settings.reading import load
from adsyncdiag.settings.secret import Secret, ad_password, client_secret, password_variable
from adsyncdiag.settings.workspace import find_workspace
from adsyncdiag.settings.writing import render_settings

__all__ = [
    "FILE_NAME",
    "AdSettings",
    "EntraSettings",
    "GuardSettings",
    "Secret",
    "ServerSettings",
    "Settings",
    "StoreSettings",
    "ad_password",
    "client_secret",
    "find_workspace",
    "load",
    "password_variable",
    "render_settings",
]
