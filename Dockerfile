# A tag can change. To build from a known image, name its digest: --build-arg BASE=python:3.13-slim@sha256:...
ARG BASE=python:3.13-slim
FROM ${BASE} AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE requirements.txt ./
COPY sandbox sandbox
COPY fixtures fixtures
COPY specs specs
COPY scenarios scenarios
RUN python -m venv /opt/sandbox \
    && /opt/sandbox/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt \
    && /opt/sandbox/bin/pip install --no-cache-dir --no-deps .

FROM ${BASE}
RUN useradd --create-home --uid 10001 sandbox && mkdir /data && chown sandbox /data
COPY --from=build /opt/sandbox /opt/sandbox
ENV PATH=/opt/sandbox/bin:$PATH PYTHONUNBUFFERED=1
USER sandbox
EXPOSE 4242
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["offer-sandbox", "wait", "http://127.0.0.1:4242", "--timeout", "2"]
ENTRYPOINT ["offer-sandbox"]
CMD ["serve", "--host", "0.0.0.0"]
