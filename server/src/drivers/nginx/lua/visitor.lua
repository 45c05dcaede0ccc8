-- Who a visitor is: the one who connects, or, where that is a proxy that is believed, the one of whom it speaks.
local addresses = require 'addresses'

local var, parse, within = ngx.var, addresses.parse, addresses.within
local M = {}

-- The nearest hops stand at the end. No more of the header is looked at, however long a visitor made it.
local LONGEST_CHAIN = 4096
local LOOPBACK = { '127.0.0.0/8', '::1' }
local PORTS = { http = '80', https = '443' }

-- What proxies write besides a bare address: `1.2.3.4:567`, `[::1]:567`, `[::1]`.
local function bare(hop)
  return hop:match('^%[([^%]]+)%]') or hop:match('^(%d+%.%d+%.%d+%.%d+):%d+$') or hop
end

-- From the nearest hop on, the first that is not believed. What is no address ends the way at the hop that said it.
local function walk(trusted, bytes, text, chain)
  local hops = {}
  for hop in chain:sub(-LONGEST_CHAIN):gmatch('[^%s,]+') do hops[#hops + 1] = hop end
  for i = #hops, 1, -1 do
    if not within(trusted, bytes) then break end
    local said = bare(hops[i])
    local found = parse(said)
    if not found then break end
    bytes, text = found, said
  end
  return bytes, text
end

-- A header that a proxy sets once. Of several, or of a list, the last one is that of the nearest proxy.
local function said(name)
  local value = ngx.req.get_headers(0)[name]
  if type(value) == 'table' then value = value[#value] end
  return value and value:match('([^%s,]+)%s*$')
end

local function believe(text)
  var.edge_client = text
  local proto, host, port = said('x-forwarded-proto'), said('x-forwarded-host'), said('x-forwarded-port')
  if PORTS[proto] then var.edge_scheme, var.edge_port = proto, PORTS[proto] end
  if host and #host <= 255 and host:find('^[%w.:_%[%]-]+$') then var.edge_named = host end
  if port and #port <= 5 and port:find('^%d+$') then var.edge_port = port end
  return PORTS[proto] and proto
end

-- `own`: at a site's own port, where a web server of this machine asks, who is believed besides.
function M.prepare(trusted)
  local own = {}
  for _, list in ipairs { trusted, LOOPBACK } do
    for _, text in ipairs(list) do own[#own + 1] = text end
  end
  return { trusted = #trusted > 0 and addresses.ranges(trusted), own = addresses.ranges(own) }
end

-- At a public port: the bytes of the visitor's address, its text where a proxy named it, and the scheme that the proxy named.
function M.public(known)
  local bytes = addresses.plain(var.binary_remote_addr)
  local trusted = known.trusted
  if not trusted or not within(trusted, bytes) then return bytes end
  local text = var.remote_addr
  -- By the PROXY protocol it says for whom it connects. That one wrote the headers, and may be a proxy itself.
  local named = var.proxy_protocol_addr
  local found = named and parse(named)
  if found then
    bytes, text = found, named
    var.edge_client = named
    if not within(trusted, bytes) then return bytes, text end
  end
  bytes, text = walk(trusted, bytes, text, var.http_x_forwarded_for or '')
  return bytes, text, believe(text)
end

-- At a site's own port; nil: nobody is spoken of, so a program of this machine asks for itself.
function M.own(known)
  local chain = var.http_x_forwarded_for or var.http_x_real_ip
  if not chain then return nil end
  return walk(known.own, addresses.plain(var.binary_remote_addr), var.remote_addr, chain)
end

return M
