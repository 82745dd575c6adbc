# One container: the service and its SQLite record. The image holds no secret and no organisation's data.
# Any image with Python 3.11 or newer and venv will do as BASE; scripts/container.sh makes one from Debian's packages.
ARG BASE=python:3.13-slim
FROM ${BASE} AS build
WORKDIR /build
COPY requirements/build.txt requirements/build.txt
RUN python3 -m venv tools && tools/bin/python -m pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r requirements/build.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src src
COPY graph graph
COPY api api
RUN tools/bin/python -m pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir wheels .

FROM ${BASE}
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 EXPERTFINDER_HOME=/data EXPERTFINDER_HOST=0.0.0.0 \
    PATH=/opt/expertfinder/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY requirements/neo4j.txt /tmp/pins.txt
RUN python3 -m venv /opt/expertfinder \
    && python -m pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r /tmp/pins.txt && rm /tmp/pins.txt
COPY --from=build /build/wheels /tmp/wheels
RUN python -m pip install --no-cache-dir --no-deps /tmp/wheels/*.whl && rm -rf /tmp/wheels \
    && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin expertfinder \
    && mkdir /data && chown 10001:10001 /data
# A number, so that an orchestrator can see without looking inside that it is not root.
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["expertfinder"]
CMD ["serve"]
