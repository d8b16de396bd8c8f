"""adsyncdiag: find out why an object does not arrive in Microsoft Entra ID, and bring it there."""

__version__ = "0.1.0"
