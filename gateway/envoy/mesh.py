"""What makes two Envoys of ours trust each other: TLS on both sides, and SPIFFE names.

A workload is `spiffe://<trust domain>/<name>`, the URI in its certificate. Certificate, key and
authorities are files of one folder. Envoy learns of them through secret discovery (SDS) from two
small files of ours, and watches the folder: what is renewed is used by the next connection, and
those that are open go on.
"""

import ssl
from typing import Any

from gateway.envoy.bootstrap import to_yaml
from gateway.settings import EnvoySettings

_TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3"
_IDENTITY, _AUTHORITY = "identity", "authority"
# Both ends are ours, so nothing older is needed. Envoy's clients stop at 1.2 unless told.
_PARAMETERS = {
    "tls_minimum_protocol_version": "TLSv1_3",
    "tls_maximum_protocol_version": "TLSv1_3",
}


def spiffe_id(settings: EnvoySettings, name: str) -> str:
    """Gives the name of a workload as certificates spell it."""
    return f"spiffe://{settings.mesh_trust_domain}/{name}"


def anybody(settings: EnvoySettings) -> str:
    """Gives what the names of all workloads begin with."""
    return spiffe_id(settings, "")


def secret_files(settings: EnvoySettings) -> dict[str, str]:
    """Gives the files that tell Envoy where certificate, key and authorities are, by name."""
    folder = settings.mesh_certificates
    if folder is None:
        return {}
    watched = {"watched_directory": {"path": str(folder)}}

    def file(name: str) -> dict[str, str]:
        return {"filename": str(folder / name)}

    identity = {"certificate_chain": file("tls.crt"), "private_key": file("tls.key")} | watched
    authority = {"trusted_ca": file("ca.crt")} | watched
    return {
        f"{_IDENTITY}.yaml": _discovery(_IDENTITY, tls_certificate=identity),
        f"{_AUTHORITY}.yaml": _discovery(_AUTHORITY, validation_context=authority),
    }


def check_files(settings: EnvoySettings) -> None:
    """Looks whether certificate, key and authorities are there and go together.

    Envoy would start without them, let nobody in and look well; and never notice what comes later.

    Raises:
        OSError: They are not.
    """
    folder = settings.mesh_certificates
    if folder is None:
        return
    try:
        context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    except OSError as error:  # which an SSLError is too
        raise OSError(f"tls.crt, tls.key and ca.crt in {folder} are not good: {error}") from None


def calls(settings: EnvoySettings, callee: str) -> dict[str, Any]:
    """Gives the transport socket of a cluster: nobody but the callee is spoken to."""
    expected = {"exact": spiffe_id(settings, callee)}
    return _socket("UpstreamTlsContext", common_tls_context=_context(settings, expected))


def answers(settings: EnvoySettings) -> dict[str, Any]:
    """Gives the transport socket of a listener: nobody without a certificate of ours gets in."""
    return _socket(
        "DownstreamTlsContext",
        common_tls_context=_context(settings, {"prefix": anybody(settings)}),
        require_client_certificate=True,
        # A resumed connection would not show its certificate again, which may have expired.
        disable_stateless_session_resumption=True,
        disable_stateful_session_resumption=True,
    )


def _context(settings: EnvoySettings, expected: dict[str, str]) -> dict[str, Any]:
    return {
        "tls_params": _PARAMETERS,
        "alpn_protocols": ["h2"],
        "tls_certificate_sds_secret_configs": [_by_file(settings, _IDENTITY)],
        "combined_validation_context": {
            "default_validation_context": {
                "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": expected}]
            },
            "validation_context_sds_secret_config": _by_file(settings, _AUTHORITY),
        },
    }


def _socket(message: str, **config: Any) -> dict[str, Any]:
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {"@type": f"{_TLS}.{message}"} | config,
    }


def _by_file(settings: EnvoySettings, name: str) -> dict[str, Any]:
    path = str(settings.run_folder / f"{name}.yaml")
    return {"name": name, "sds_config": {"path_config_source": {"path": path}}}


def _discovery(name: str, **secret: Any) -> str:
    return to_yaml({"resources": [{"@type": f"{_TLS}.Secret", "name": name} | secret]})
