// Which headers of a request reach an app, and what they say then.

/** One of a kind, and no secret: $request_id asks for random bytes, which takes as long as all our Lua. */
const OWN_ID = '$msec-$pid-$connection-$connection_requests'

// The dashboard's own session is for no app, not even of the same host: twice, an app wants to see what is behind.
// Only WebSockets may leave HTTP: any other upgrade would let a client speak to the app past what is checked here.
export const VARIABLES = `\
  map $http_upgrade $edge_upgrade { ~*^websocket$ websocket; default ''; }
  map $http_upgrade $edge_connection { ~*^websocket$ upgrade; default ''; }
  map $http_x_request_id $edge_request_id { "~^[A-Za-z0-9._:-]{1,128}$" $http_x_request_id; default ${OWN_ID}; }
  map $http_x_forwarded_proto $edge_proto { '' $scheme; default $http_x_forwarded_proto; }
  map $http_cookie $edge_cookie {
    '~innkeeper\\.session_token=.*innkeeper\\.session_token=' '';
    '~^(?<edge_left>.*?)(?:^|; ?)innkeeper\\.session_token=[^;]*(?<edge_right>.*)$' $edge_left$edge_right;
    default $http_cookie;
  }
  map $http_x_forwarded_host $edge_host { '' $http_host; default $http_x_forwarded_host; }
  map $http_x_real_ip $edge_real_ip { '' $remote_addr; default $http_x_real_ip; }`

/** What another web server on this machine says of its client is believed. */
export const FROM_LOOPBACK = `\
    proxy_set_header X-Real-IP $edge_real_ip;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $edge_proto;
    proxy_set_header X-Forwarded-Host $edge_host;
    proxy_set_header X-Forwarded-Port "";`

/** What a visitor says of itself is not. */
export const FROM_ANYWHERE = `\
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Port $server_port;`

/**
 * What else some framework or some proxy believes of where a request came from, who sent it and what it asks for. No
 * web server sets these by itself, and most pass them on: whatever arrives is a visitor's own word.
 */
const UNBELIEVED = [
  'Forwarded',
  'X-Forwarded',
  'X-Forwarded-By',
  'X-Forwarded-Client-Cert',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Path',
  'X-Forwarded-Prefix',
  'X-Forwarded-Scheme',
  'X-Forwarded-Server',
  'X-Forwarded-Ssl',
  'X-Forwarded-Uri',
  'X-Forwarded-User',
  'X-Original-Forwarded-For',
  'X-Original-Host',
  'X-Original-Uri',
  'X-Original-Url',
  'X-Rewrite-Url',
  'X-Script-Name',
  'X-Url-Scheme',
  'X-Host',
  'X-Client-Ip',
  'X-Cluster-Client-Ip',
  'True-Client-Ip',
  'Front-End-Https',
  'Remote-User',
  'X-Remote-User',
  // Some servers make the variable HTTP_PROXY of it, and then ask strangers' servers for everything.
  'Proxy',
]

export const CLEARED = UNBELIEVED.map(name => `    proxy_set_header ${name} "";`).join('\n')
