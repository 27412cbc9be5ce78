# The course in a container: JupyterLab on port 8888, or any other target of the Makefile.
#
#   docker build -t lenet .
#   docker run --rm -p 8888:8888 lenet
#   docker run --rm lenet make test-notebooks CHAPTERS=intro
FROM python:3.13-slim

RUN apt-get update \
  && apt-get install --yes --no-install-recommends git make \
  && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home reader && install --directory --owner=reader /home/reader/course
USER reader
WORKDIR /home/reader/course
ENV UV_TORCH_BACKEND=cpu PYTHONUNBUFFERED=1

# What the environment is made of comes first: a change of a chapter installs nothing.
COPY --chown=reader Makefile requirements.txt constraints.txt pyproject.toml README.md \
  LICENSE NOTICE ./
COPY --chown=reader .jupyter .jupyter
COPY --chown=reader lenet_helpers lenet_helpers
COPY --chown=reader results results
RUN make install

COPY --chown=reader . .
EXPOSE 8888
CMD ["make", "lab", "LAB=--ip=0.0.0.0 --no-browser"]
