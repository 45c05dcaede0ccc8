/** The content type of a file, by the end of its name. */
export const TYPES = `\
  types {
    text/html html htm;
    text/css css;
    text/plain txt;
    text/xml xml;
    text/markdown md;
    text/csv csv;
    text/vtt vtt;
    text/javascript js mjs;
    application/json json map;
    application/manifest+json webmanifest;
    application/wasm wasm;
    application/pdf pdf;
    application/zip zip;
    application/gzip gz;
    application/rss+xml rss;
    application/atom+xml atom;
    font/woff woff;
    font/woff2 woff2;
    font/ttf ttf;
    font/otf otf;
    image/svg+xml svg;
    image/png png;
    image/jpeg jpg jpeg;
    image/gif gif;
    image/webp webp;
    image/avif avif;
    image/x-icon ico;
    audio/mpeg mp3;
    audio/ogg ogg;
    video/mp4 mp4;
    video/webm webm;
  }`
