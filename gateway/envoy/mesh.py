"""How two of our Envoys trust each other: mutual TLS with SPIFFE names.

A workload is `spiffe://<trust domain>/<name>`, the URI in its certificate. Certificate, key and
authorities are files in one folder. Envoy finds them through secret discovery (SDS) in two small
files of ours, and watches the folder: the next connection uses renewed files, and open connections
continue.
"""

import ssl
from typing import Any

from gateway.envoy.bootstrap import to_yaml
from gateway.settings import EnvoySettings

_TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3"
_IDENTITY, _AUTHORITY = "identity", "authority"
# Both ends are ours, so no older version is needed. Envoy's clients default to at most 1.2.
_PARAMETERS = {
    "tls_minimum_protocol_version": "TLSv1_3",
    "tls_maximum_protocol_version": "TLSv1_3",
}


def spiffe_id(settings: EnvoySettings, name: str) -> str:
    """Returns the SPIFFE id of a workload, as in its certificate."""
    return f"spiffe://{settings.mesh_trust_domain}/{name}"


def any_workload(settings: EnvoySettings) -> str:
    """Returns the prefix of the SPIFFE ids of all workloads."""
    return spiffe_id(settings, "")


def secret_files(settings: EnvoySettings) -> dict[str, str]:
    """Returns the files with the paths of certificate, key and authorities for Envoy, by name."""
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
    """Checks that certificate, key and authorities exist and match.

    Without them, Envoy would start, refuse all connections, look healthy, and never notice when the
    files appear.

    Raises:
        OSError: They are missing or do not match.
    """
    folder = settings.mesh_certificates
    if folder is None:
        return
    try:
        context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    except OSError as error:  # includes SSLError
        raise OSError(f"tls.crt, tls.key and ca.crt in {folder} are not good: {error}") from None


def calls(settings: EnvoySettings, callee: str) -> dict[str, Any]:
    """Returns the transport socket of a cluster: it connects only to the callee."""
    expected = {"exact": spiffe_id(settings, callee)}
    return _socket("UpstreamTlsContext", common_tls_context=_context(settings, expected))


def answers(settings: EnvoySettings) -> dict[str, Any]:
    """Returns the transport socket of a listener: it requires a certificate of ours."""
    return _socket(
        "DownstreamTlsContext",
        common_tls_context=_context(settings, {"prefix": any_workload(settings)}),
        require_client_certificate=True,
        # A resumed connection would not present its certificate again, which may have expired.
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
