-- Certificates by the name that a visitor asks for, and answers to an authority that wants a proof of who holds a name.
-- The shared dictionary has both for all workers. Files that only the master can read fill it again when nginx starts.
local hello = require 'ngx.ssl.clienthello'
local json = require 'json'
local ssl = require 'ngx.ssl'

local shared = ngx.shared.certificates
local folder = ngx.config.prefix() .. 'certificates/'
local CHALLENGES = '/.well-known/acme-challenge/'
-- How long an answer to an authority is kept at most, in case the keeper does not come back.
local ANSWER_SECONDS = 3600
-- Half a year, which testers of TLS ask for. Neither subdomains nor the lists of browsers: nobody asked for those names.
local HSTS = 'max-age=15768000'
-- What Mozilla's "modern" list leaves of the versions; all that there is in it is modern.
local MODERN = { 'TLSv1.3' }
-- Each worker keeps what it has parsed, by site.
local parsed = {}
local M = {}

-- The site whose certificate is for this name.
local function site_of(name)
  local site = shared:get('name:' .. name)
  if site then return site end
  local rest = name:match('^[^.]+(%..+)$')
  return rest and shared:get('name:*' .. rest)
end

local function parse(text)
  local raw = json.decode(text) or {}
  local chain, why = ssl.parse_pem_cert(raw.chain or '')
  if not chain then return nil, why end
  local key
  key, why = ssl.parse_pem_priv_key(raw.key or '')
  if not key then return nil, why end
  return { chain = chain, key = key, hsts_from = raw.hstsFrom, modern = raw.modern }
end

-- The certificate for a name; nil: there is none.
local function find(name)
  local site = name and site_of(name:lower())
  if not site then return nil end
  local version = shared:get('version:' .. site)
  local known = parsed[site]
  if known and known.version == version then return known end
  local text, why = shared:get('text:' .. site), 'it is gone'
  if text then known, why = parse(text) end
  if not text or not known then
    ngx.log(ngx.ERR, 'certificate of ', site, ': ', why)
    return nil
  end
  known.version = version
  parsed[site] = known
  return known
end

-- The name that a handshake is for. One for an address names nobody: it is the address that was connected to, or, where
-- that is translated on the way, the one that there is a certificate for.
local function asked(name)
  if name then return name end
  local raw, kind = ssl.raw_server_addr()
  local address = kind == 'inet' and table.concat({ raw:byte(1, 4) }, '.')
  if address and shared:get('name:' .. address) then return address end
  return shared:get('address')
end

-- Called before a version of TLS is agreed on, and before it is known which of nginx's servers the handshake is for.
function M.greet()
  local certificate = find(asked(hello.get_client_hello_server_name()))
  if certificate and certificate.modern then hello.set_protocols(MODERN) end
end

-- Called in each handshake. Without a certificate for the name the handshake is refused: one that we made ourselves would
-- teach visitors to click warnings away, and tell strangers that this server is there.
function M.choose()
  local name = asked(ssl.server_name())
  local certificate = find(name)
  if not certificate then return ngx.exit(ngx.ERROR) end
  ssl.clear_certs()
  local ok, why = ssl.set_cert(certificate.chain)
  if ok then ok, why = ssl.set_priv_key(certificate.key) end
  if ok then return end
  ngx.log(ngx.ERR, 'certificate for ', name, ': ', why)
  return ngx.exit(ngx.ERROR)
end

-- Whether plain requests for this name are sent to https.
function M.secures(name)
  return site_of(name) ~= nil
end

-- Tells visitors who came by TLS to come that way from now on. What the app says of it wins.
function M.header()
  if ngx.header['Strict-Transport-Security'] then return end
  local certificate = find(ngx.var.host)
  if certificate and certificate.hsts_from and ngx.now() * 1000 >= certificate.hsts_from then
    ngx.header['Strict-Transport-Security'] = HSTS
  end
end

local function is_address(name)
  return name:match('^%d+%.%d+%.%d+%.%d+$') ~= nil
end

local function names_in(site)
  local raw = json.decode(shared:get('text:' .. site) or '{}') or {}
  return raw.names or {}
end

-- Sets the certificate of a site for all workers at once; an empty text removes it. Nothing else is ever pushed out to make room.
function M.put(site, text)
  local raw, why, ok = { names = {} }
  if text ~= '' then
    raw, why = json.decode(text)
    if raw then ok, why = parse(text) end
    if not ok then return nil, why end
  end
  local before = names_in(site)
  ok, why = shared:safe_set('text:' .. site, text ~= '' and text or '{}')
  if not ok then return nil, why end
  shared:incr('version:' .. site, 1, ngx.now() * 1000)
  local now = {}
  for _, name in ipairs(raw.names) do
    now[name] = true
    ok, why = shared:safe_set('name:' .. name, site)
    if not ok then return nil, why end
    if is_address(name) then shared:safe_set('address', name) end
  end
  for _, name in ipairs(before) do
    if not now[name] and shared:get('name:' .. name) == site then shared:delete('name:' .. name) end
    if not now[name] and shared:get('address') == name then shared:delete('address') end
  end
  return true
end

-- Reads the stored certificates of these sites: by the master, before there are workers.
function M.load(sites)
  for _, site in ipairs(sites) do
    local file = io.open(folder .. site .. '.json', 'r')
    if file then
      local ok, why = M.put(site, file:read('*a'))
      if not ok then ngx.log(ngx.ERR, 'certificate of ', site, ': ', why) end
      file:close()
    end
  end
end

-- Sets the answer for a token; an empty text removes it.
function M.put_answer(token, text)
  if text == '' then return shared:delete('answer:' .. token) or true end
  return shared:safe_set('answer:' .. token, text, ANSWER_SECONDS)
end

-- The answer to an authority that asks for this path; nil: the app is asked as for any other.
function M.answer(path)
  return shared:get('answer:' .. path:sub(#CHALLENGES + 1))
end

function M.serve()
  local text = M.answer(ngx.var.uri)
  ngx.header['Content-Type'] = 'text/plain'
  ngx.header['Cache-Control'] = 'no-store'
  ngx.header['Content-Length'] = text and #text or 0
  if not text then ngx.status = 404 end
  if text and ngx.req.get_method() ~= 'HEAD' then ngx.print(text) end
end

return M
