-- Clients that come back to the same instance: which one a client belongs to, and how that is remembered.
local tables = require 'tables'

local var, is_open = ngx.var, tables.is_open
local remembered = ngx.shared.affinity
local REMEMBER_SECONDS = 3600
local M = {}

local function usable(peer)
  return not peer.out and peer.shunned < ngx.now() and is_open(peer)
end

local function with(peers, token)
  for i = 1, #peers do
    if peers[i].token == token then return usable(peers[i]) and peers[i] or nil end
  end
end

-- The peer with this token, on the side that serves, or for a while after a switch on the side before.
local function holder(target, token)
  local peer = with(target.peers, token)
  if peer then return peer, false end
  local leaving = target.leaving
  if leaving and ngx.now() < leaving.ends then return with(leaving.peers, token), true end
end

-- A web server on this machine, or a proxy that is believed, says which address its client has.
local function address(state)
  if state.client then return state.client end
  local remote = var.remote_addr
  if remote ~= '127.0.0.1' then return remote end
  return var.http_x_real_ip or (var.http_x_forwarded_for or ''):match('([^, ]+)%s*$') or remote
end

-- What tells a client apart when it has no cookie of ours.
local function key_of(target, state)
  local affinity = target.affinity
  local value = affinity.by == 'header' and var['http_' .. affinity.name:lower():gsub('-', '_')]
  return target.site .. '\1' .. target.service .. '\1' .. (value or address(state))
end

-- Whether the client is a browser that keeps the cookie: one that opens a page, or one of our own pages that asks. What
-- a page of another origin asks comes without cookies, and most other programs keep none.
local function keeps_cookies()
  local accept = var.http_accept
  if accept and accept:find('text/html', 1, true) then return true end
  return var.http_referer ~= nil and var.http_origin == nil
end

-- The same choice for the same client in every worker. When an instance leaves, only its own clients move.
local function by_hash(peers, key)
  local best, most
  for i = 1, #peers do
    local weight = ngx.crc32_short(key .. peers[i].token)
    if (not most or weight > most) and usable(peers[i]) then best, most = peers[i], weight end
  end
  return best
end

-- The peer that the client belongs to, and whether it is of the side before the switch; nil: any will do.
function M.find(target, state)
  state.token, state.key = false, false
  -- The keeper asks after a switch whether the new side answers. It belongs to no side.
  if var.http_user_agent == 'innkeeper-health' then return nil end
  local cookie = target.affinity.by == 'cookie'
  local token = cookie and var['cookie_' .. target.cookie]
  state.token = token or false
  if token then
    local peer, leaving = holder(target, token)
    if peer then return peer, leaving end
  end
  if cookie and (token or keeps_cookies()) then return nil end
  local key = key_of(target, state)
  state.key = key
  token = remembered:get(key)
  if token then
    local peer, leaving = holder(target, token)
    if peer then return peer, leaving end
  end
  return by_hash(target.peers, key)
end

-- Remembers the instance that answered. Returns the cookie for the client; nil: it needs none.
function M.cookie(target, state)
  local token = state.peer.token
  if not token then return end
  if state.key then remembered:set(state.key, token, REMEMBER_SECONDS) end
  if target.affinity.by ~= 'cookie' or state.token == token then return end
  local secure = (var.http_x_forwarded_proto or var.scheme) == 'https' and '; Secure' or ''
  return target.cookie .. '=' .. token .. '; Path=/; HttpOnly; SameSite=Lax' .. secure
end

function M.keep(target, state)
  local line = M.cookie(target, state)
  if not line then return end
  local own = ngx.header['Set-Cookie']
  if type(own) == 'table' then
    own[#own + 1] = line
  else
    own = own and { own, line } or line
  end
  ngx.header['Set-Cookie'] = own
end

return M
