# docker build -t pointsman . && docker run -p 8080:8080 -v pointsman:/data pointsman
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data pointsman && install -d -o pointsman /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER pointsman
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    POINTSMAN_HOST=0.0.0.0 \
    POINTSMAN_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["pointsman"]
CMD ["serve"]
