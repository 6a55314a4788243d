FROM python:3.13-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY sandbox sandbox
COPY fixtures fixtures
COPY specs specs
COPY scenarios scenarios
RUN python -m venv /opt/sandbox \
    && /opt/sandbox/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 sandbox && mkdir /data && chown sandbox /data
COPY --from=build /opt/sandbox /opt/sandbox
ENV PATH=/opt/sandbox/bin:$PATH PYTHONUNBUFFERED=1
USER sandbox
EXPOSE 4242
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["offer-sandbox", "wait", "http://127.0.0.1:4242", "--timeout", "2"]
ENTRYPOINT ["offer-sandbox"]
CMD ["serve", "--host", "0.0.0.0"]
