# Built from a release tag, which contains dist/. Has a shell and Git, because --previous git:REV runs Git.
FROM node:24-slim

RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git \
  && rm -rf /var/lib/apt/lists/*

COPY LICENSE package.json /opt/hookwright/
COPY dist /opt/hookwright/dist
RUN ln -s /opt/hookwright/dist/hookwright.cjs /usr/local/bin/hookwright

# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
WORKDIR /workspace
ENTRYPOINT ["hookwright"]
CMD ["--help"]
