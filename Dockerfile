# hookproof in a container of its own: nothing but the program, which runs as nobody.
#
#   docker build -t hookproof .
#   docker run --rm -e HOOKPROOF_AUTH hookproof certify https://example.com/webhook
#   docker run --rm -p 8700:8700 hookproof
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /hookproof ./cmd/hookproof && mkdir -p /work && chown 65532:65532 /work

FROM scratch
COPY --from=build /hookproof /hookproof
COPY --from=build --chown=65532:65532 /work /work
WORKDIR /work
USER 65532:65532
EXPOSE 8700
HEALTHCHECK --interval=10s --timeout=5s --start-period=2s CMD ["/hookproof", "health"]
ENTRYPOINT ["/hookproof"]
# The mock CometChat. Its control surface stays inside unless it is given an address and a token.
CMD ["serve", "--host", "0.0.0.0"]
