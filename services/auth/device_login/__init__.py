"""Device login (RFC 8628): a device without a browser shows a code, and a user lets it in elsewhere.

Owns `("auth", "device_login", …)`; serves coditect.auth.v5.DeviceLoginService. The token endpoint calls
`redemption.DeviceCodeGrant`.
"""
