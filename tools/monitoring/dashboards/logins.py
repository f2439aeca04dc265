"""Logins and abuse: what people and guessers do."""

from tools.monitoring.dashboards.words import NS, W, quantile
from tools.monitoring.panels import Panel, Query

PANELS = (
    Panel(
        "Logins by outcome",
        "reqps",
        [Query(f"sum by (outcome) (rate(coditect_logins_total{{{NS}}}{W}))", "{{outcome}}")],
        "wrong also counts guesses that an account takes no more; stopped: a network that guesses.",
    ),
    Panel(
        "Successful logins by step",
        "reqps",
        [
            Query(
                f'sum by (method) (rate(coditect_logins_total{{{NS},outcome="success"}}{W}))',
                "{{method}}",
            )
        ],
    ),
    Panel(
        "Guesses: passwords that were checked",
        "reqps",
        [
            Query(
                f"sum by (against) (rate(coditect_password_checks_total{{{NS}}}{W}))", "{{against}}"
            )
        ],
        "decoy: the account is unknown, or takes no guesses. They cost a hash and give no access.",
    ),
    Panel(
        "Accounts and codes whose guesses were stopped",
        "short",
        [
            Query(
                f'sum by (event) (increase(coditect_auth_events_total{{{NS},event=~"guesses.stopped|codes.stopped"}}[1h]))',
                "{{event}}",
            )
        ],
        "In the hour before.",
    ),
    Panel(
        "Other signs of abuse",
        "short",
        [
            Query(
                f'sum by (event) (increase(coditect_auth_events_total{{{NS},event=~"refresh_token.reused|passkey.copied|device_code.+|authorization_code.reused|second_factor.failed"}}[1h]))',
                "{{event}}",
            )
        ],
        "In the hour before.",
    ),
    Panel(
        "Calls refused by the gateway's limits",
        "reqps",
        [
            Query(
                f"sum by (envoy_local_http_ratelimit_prefix) (rate(envoy_http_local_rate_limit_rate_limited{{{NS}}}{W}))",
                "{{envoy_local_http_ratelimit_prefix}}",
            )
        ],
    ),
    Panel(
        "Calls that wait for a hash",
        "short",
        [Query(f"max(coditect_password_hashes_waiting{{{NS}}})", "longest queue")],
        "At HASH_QUEUE (256) the network with the most is answered HASHING_BUSY.",
    ),
    Panel(
        "Time of a hash",
        "s",
        [quantile(each, f"coditect_password_hash_seconds_bucket{{{NS}}}") for each in (50, 99)],
        "Without the wait. It grows when threads get too little CPU.",
    ),
    Panel(
        "Logouts by when they were in force",
        "reqps",
        [
            Query(
                f"sum by (outcome) (rate(coditect_revocation_waits_total{{{NS}}}{W}))",
                "{{outcome}}",
            )
        ],
    ),
    Panel(
        "Age of the revocation feed",
        "s",
        [Query(f"max by (job) (coditect_revocation_feed_age_seconds{{{NS}}})", "{{job}}")],
        "Above FEED_STALE_SECONDS (5) a replica refuses all tokens.",
    ),
    Panel(
        "Emails that wait",
        "short",
        [Query(f'max by (queue) (coditect_queue_depth{{{NS},queue=~".+emails"}})', "{{queue}}")],
    ),
    Panel(
        "Accounts",
        "short",
        [
            Query(
                f'sum by (event) (increase(coditect_auth_events_total{{{NS},event=~"account.+|password.+"}}[1h]))',
                "{{event}}",
            )
        ],
        "In the hour before.",
    ),
)
