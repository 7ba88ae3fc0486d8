# The page and its API in hosted mode, without TensorFlow: docker compose up
FROM python:3.13-slim AS build
COPY . /source
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --constraint /source/constraints.txt /source

FROM python:3.13-slim
RUN useradd --uid 1000 --create-home --home-dir /data visitor
COPY --from=build /opt/venv /opt/venv
ENV HANDWRITING_MODE=hosted \
    HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    STREAMLIT_BROWSER_SERVER_ADDRESS=localhost \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_ALLOWED_HOSTS=* \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none \
    STREAMLIT_SERVER_HEADLESS=true
USER 1000
WORKDIR /data
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["/opt/venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/api/health')"]
CMD ["/opt/venv/bin/draw-a-digit-page"]
