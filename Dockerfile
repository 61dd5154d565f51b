# docker build -t pointsman .
# docker run --read-only --tmpfs /tmp -p 8080:8080 -v pointsman:/data -e POINTSMAN_CONSOLE_TOKEN=… pointsman
#
# Every step that can fail is in deploy/install.sh and deploy/probe, which run without a container as well.
FROM python:3.13-slim-bookworm AS build
RUN useradd --system --uid 10001 --create-home pointsman && install -d -o pointsman /opt/pointsman
COPY . /source
USER pointsman
RUN /source/deploy/install.sh /opt/pointsman /source

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="Pointsman" \
      org.opencontainers.image.description="Sets priority, team and assignee of Jira and GitLab issues from rules you can read, and says why." \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --home-dir /data --no-create-home pointsman && install -d -o pointsman /data
# Owned by root: the service cannot change its own program.
COPY --from=build /opt/pointsman /opt/pointsman
COPY rules /etc/pointsman/rules
WORKDIR /data
USER pointsman
ENV PATH=/opt/pointsman/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    POINTSMAN_HOST=0.0.0.0 \
    POINTSMAN_DATA_DIR=/data \
    POINTSMAN_RULES_DIR=/etc/pointsman/rules
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["pointsman-probe"]
ENTRYPOINT ["pointsman"]
CMD ["serve"]
