# One image for all three services: `docker build --tag coditect-services .`
#
# The bases have a name and a version only. To add a registry, a digest or both, use
# --build-arg PYTHON_IMAGE=…. To select a package index, use --build-arg PIP_INDEX_URL=…, or
# --secret id=pip.conf,src=… for a whole pip.conf, which leaves no trace in the image.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG FDB_IMAGE=foundationdb/foundationdb:7.3.79

FROM ${FDB_IMAGE} AS foundationdb

# ── build stages, not shipped ────────────────────────────────────────────────────────────────

FROM ${PYTHON_IMAGE} AS tools
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_COMPILE=1
WORKDIR /build
COPY requirements/build.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    python -m venv /opt/tools \
 && /opt/tools/bin/pip install -q --no-cache-dir --require-hashes -r build.txt

# Two steps, so that source packages are built by the pinned tools, not by the newest ones.
FROM tools AS packages
COPY requirements/services.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    /opt/tools/bin/pip wheel -q --no-cache-dir --require-hashes --no-build-isolation --use-pep517 \
        --wheel-dir wheels -r services.txt \
 && python -m venv --without-pip /opt/venv \
 && /opt/tools/bin/pip --python /opt/venv install -q --no-cache-dir --no-index --no-deps wheels/* \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv

# Bytecode is validated by the hash of its source. A timestamp, from a builder or a file sync, could
# make an old program pass for a new one.
FROM tools AS program
WORKDIR /app
COPY coditect coditect
COPY kernel kernel
COPY ops ops
COPY services services
RUN python -m compileall -q -j 0 --invalidation-mode checked-hash .

# ── the shipped image ────────────────────────────────────────────────────────────────────────

FROM ${PYTHON_IMAGE} AS services
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONFAULTHANDLER=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=foundationdb /usr/lib/libfdb_c.so /usr/lib/libfdb_c.so
COPY --from=packages /opt/venv /opt/venv
COPY --from=program /app /app

# An image that is too small lacks the real program; one that is too large contains something extra.
RUN within() { \
        kb=$(du --summarize --apparent-size --block-size=kB --one-file-system "$1" 2>/dev/null); \
        kb=${kb%%kB*}; \
        echo "$1: $kb kB, expected $2 to $3"; \
        [ "$kb" -ge "$2" ] && [ "$kb" -le "$3" ]; \
    } \
 && within /app 2000 12000 \
 && within /opt/venv 50000 120000 \
 && within /usr/lib/libfdb_c.so 10000 60000 \
 && within / 180000 330000 \
 && find /app -type f -empty -print -exec false {} +

# This user can read and run everything, and write nothing.
USER 10001:10001

# The build starts, calls and stops the real program, and fails if that fails.
RUN python -m ops.selftest

EXPOSE 50051 9090
ENTRYPOINT ["python", "-m"]
CMD ["services.auth"]

# These come last, because they change with every build.
ARG REVISION=unknown
ARG VERSION=unknown
ARG SOURCE=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="coditect-services" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.created="${CREATED}"
