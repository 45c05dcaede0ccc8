// Which headers of a request reach an app, and with which values.
import { COUNTED } from './limits.ts'

/** A unique id of a request that is not secret. nginx's $request_id reads random bytes, which takes as long as all our Lua. */
const OWN_ID = '$msec-$pid-$connection-$connection_requests'

/** The dashboard's session, the sign-in that waits for a second factor, and what a passkey is asked to sign. */
const OURS = 'innkeeper\\.(?:session_token|two_factor|passkey)='
const OTHERS = `(?:^|; ?)${OURS}[^;]*`

// The dashboard's cookies never reach an app, not even one on the same host. A header that has one of them twice, or
// more than two, is dropped whole: an app may have set the other one to get at it.
// Only WebSockets may upgrade. After any other upgrade, a client could send the app data that is not checked here.
export const VARIABLES = `\
  map $http_upgrade $edge_upgrade { ~*^websocket$ websocket; default ''; }
  map $http_upgrade $edge_connection { ~*^websocket$ upgrade; default ''; }
  map $http_x_request_id $edge_request_id { "~^[A-Za-z0-9._:-]{1,128}$" $http_x_request_id; default ${OWN_ID}; }
  map $http_x_forwarded_proto $edge_proto { '' $scheme; default $http_x_forwarded_proto; }
  map $http_cookie $edge_cookie {
    '~(${OURS}).*\\1' '';
    '~${OURS}.*${OURS}.*${OURS}' '';
    '~^(?<edge_left>.*?)${OTHERS}(?<edge_middle>.*?)${OTHERS}(?<edge_right>.*)$' $edge_left$edge_middle$edge_right;
    '~^(?<edge_left>.*?)${OTHERS}(?<edge_right>.*)$' $edge_left$edge_right;
    default $http_cookie;
  }
  map $http_x_forwarded_host $edge_host { '' $http_host; default $http_x_forwarded_host; }
  # A household has a whole /64 of IPv6: its first half.
  map $binary_remote_addr $edge_network { '~^(?<edge_half>[\\s\\S]{8})[\\s\\S]{8}$' $edge_half; default $binary_remote_addr; }
  map $http_x_real_ip $edge_real_ip { '' $remote_addr; default $http_x_real_ip; }`

/** Headers for requests from loopback: what another reverse proxy on this machine says about its client is trusted. */
export const FROM_LOOPBACK = `\
    set $edge_forwarded_for $proxy_add_x_forwarded_for;
    set $edge_port '';
    set $edge_visitor $edge_real_ip;
    # By HTTP/2, visitors of an app that sends interim answers come by way of this port.
    if ($http_x_innkeeper_hop) { set_by_lua_block $edge_forwarded_for { return edge.hopped() } }
    proxy_set_header X-Real-IP $edge_real_ip;
    proxy_set_header X-Forwarded-For $edge_forwarded_for;
    proxy_set_header X-Forwarded-Proto $edge_proto;
    proxy_set_header X-Forwarded-Host $edge_host;
    proxy_set_header X-Forwarded-Port $edge_port;
    proxy_set_header X-Innkeeper-Hop "";`

/** Headers for requests from anywhere: what visitors say about themselves is not trusted. A proxy that is (visitor.lua) puts what it says in the place of these. */
export const FROM_ANYWHERE = `\
${COUNTED}
    set $edge_client $remote_addr;
    set $edge_scheme $scheme;
    set $edge_named $http_host;
    set $edge_port $server_port;
    proxy_set_header X-Real-IP $edge_client;
    proxy_set_header X-Forwarded-For $edge_client;
    proxy_set_header X-Forwarded-Proto $edge_scheme;
    proxy_set_header X-Forwarded-Host $edge_named;
    proxy_set_header X-Forwarded-Port $edge_port;
    set $edge_hop '';
    proxy_set_header X-Innkeeper-Hop $edge_hop;`

/**
 * Other headers that some frameworks or proxies trust, about where a request came from, who sent it and what it asks
 * for. Web servers do not set them and usually pass them on, so they come from the visitor and are removed.
 */
export const UNBELIEVED = [
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
  // CGI-like servers turn it into the variable HTTP_PROXY, and then send all requests through a stranger's server.
  'Proxy',
]

export const CLEARED = UNBELIEVED.map(name => `    proxy_set_header ${name} "";`).join('\n')
