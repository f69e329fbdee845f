# The API for whoever does not want Lambda: uvicorn over the same application. Imports, insights and the schedules stay
# functions: docs/decisions/0030-container.md. Run it with a read-only root file system; it writes nothing.
FROM python:3.13-slim-trixie AS build
COPY requirements-container.txt /
RUN python -m venv --without-pip /venv && \
    pip --python /venv/bin/python install --no-cache-dir --require-hashes --no-deps --only-binary=:all: --no-compile \
        -r /requirements-container.txt
COPY graph /app/graph
COPY resolvers /app/resolvers
COPY services /app/services
COPY local/__init__.py local/connections.py local/container.py /app/local/
COPY deploy/fargate/log.json /app/
# By unchecked hash: nobody changes a source inside an image, and nobody has to look whether somebody did.
RUN /venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib /app

FROM python:3.13-slim-trixie
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8000
# Ten tries: a database that is away for some minutes is not mended by another container.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=10 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=8)"]
# A request takes 29 seconds at most, as on Lambda; a connection is kept for longer than a load balancer's 60.
CMD ["uvicorn", "local.container:app", "--host", "0.0.0.0", "--port", "8000", "--loop", "uvloop", \
     "--http", "local.connections:Connection", "--timeout-keep-alive", "75", "--timeout-graceful-shutdown", "30", \
     "--no-access-log", "--no-server-header", "--forwarded-allow-ips", "*", "--log-config", "log.json"]
