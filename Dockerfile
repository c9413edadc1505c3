# ocr2 on a CPU: docker build -t ocr2 . && docker run --rm -v "$PWD:/data" -w /data ocr2 read page.pdf -f markdown
FROM python:3.11-slim AS build
WORKDIR /source
COPY . .
# An index with CPU builds of torch makes the image several GB smaller: --build-arg INDEX=URL
ARG INDEX
RUN pip install --no-cache-dir --prefix /install ${INDEX:+--extra-index-url $INDEX} \
    -c constraints.txt ".[batch,charts,serve]"

FROM python:3.11-slim
COPY --from=build /install /usr/local
RUN useradd --create-home reader
USER reader
EXPOSE 8000
ENTRYPOINT ["ocr2"]
CMD ["--help"]
