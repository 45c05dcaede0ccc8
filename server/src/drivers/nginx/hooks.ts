/** Headers that say who sent an event, and of what. Nothing else of a request gets to the keeper. */
const HEADERS = [
  'Content-Type',
  'X-GitHub-Event',
  'X-Hub-Signature-256',
  'X-Gitea-Event',
  'X-Gitea-Signature',
  'X-Forgejo-Event',
  'X-Forgejo-Signature',
  'X-Gitlab-Event',
  'X-Gitlab-Token',
]

const variable = (header: string): string => `$http_${header.toLowerCase().replaceAll('-', '_')}`

/**
 * The only way from outside to the keeper: what providers send of pull requests, to an id that nobody guesses, without a
 * query, a cookie or another token. The keeper verifies who signed it. On an app's own domain there is a certificate
 * already.
 */
export const hooks = (keeper: number): string => `\
location ~ "^/\\.well-known/innkeeper/hooks/(?<hook>[A-Za-z0-9]{24})\\z" {
      auth_basic off;
      client_max_body_size 5m;
      proxy_method POST;
      proxy_pass_request_headers off;
      proxy_set_header Host 127.0.0.1:${keeper};
${HEADERS.map(header => `      proxy_set_header ${header} ${variable(header)};`).join('\n')}
      proxy_connect_timeout 5s;
      proxy_read_timeout 15s;
      if ($request_method != POST) { return 405; }
      proxy_pass http://127.0.0.1:${keeper}/api/previews/hooks/$hook;
    }`
