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

/** What is compressed for visitors who take it. Pages always are. */
export const COMPRESSION = `\
  gzip on;
  gzip_static on;
  brotli_static on;
  gzip_min_length 1024;
  gzip_comp_level 5;
  gzip_proxied any;
  gzip_vary on;
  gzip_types text/plain text/css text/xml text/markdown text/csv text/javascript application/javascript application/json
    application/manifest+json application/ld+json application/xml application/rss+xml application/atom+xml application/wasm
    image/svg+xml image/x-icon font/ttf font/otf;`
