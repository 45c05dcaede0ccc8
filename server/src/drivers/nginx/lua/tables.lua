-- Route tables. The shared dictionary has each site's table as text, with a version number. Each worker keeps the decoded
-- table, so that a request only reads the version.
local ffi = require 'ffi'
local guard = require 'guard'
local json = require 'json'
local traffic = require 'traffic'

local shared = ngx.shared.tables
local folder = ngx.config.prefix() .. 'tables/'
local gates = ngx.config.prefix() .. 'gates/'
local decoded = {}
-- `affinity`: whether any table asks that clients come back to the same instance.
local M = { affinity = false }

-- A peer that always refuses: only root could listen on this port, and nobody does.
M.NOBODY = { host = '127.0.0.1', port = 1, name = 'nobody' }

ffi.cdef [[ int access(const char *path, int mode); ]]

-- Whether the gate of a peer is open: the app's user, and nobody else, listens there. Root opens it, and closes it when the instance ends.
function M.is_open(peer)
  return ffi.C.access(peer.gate, 0) == 0
end

-- After a failed connection, others are preferred for this long. By then a health check has judged the instance.
local SHUN_SECONDS = 3

-- `out`: names of the instances whose health says that others must be asked.
local function peers_of(names, out)
  local peers = {}
  for i, name in ipairs(names) do
    local host, port = name:match('^(.*):(%d+)$')
    local shunned = shared:get('shun:' .. name) or 0
    peers[i] = { host = host, port = tonumber(port), name = name, gate = gates .. port, out = out[name], shunned = shunned }
  end
  return peers
end

-- Gives each peer a name that says nothing to a stranger, and is another one for each release.
local function name_peers(peers, owner)
  for _, peer in ipairs(peers) do peer.token = ngx.md5(owner .. '\0' .. peer.name):sub(1, 12) end
end

local function prepare_affinity(ready, target, out)
  local owner = ready.site .. '\0' .. ready.service .. '\0'
  -- `@` may not stand in the name of a cookie.
  ready.affinity, ready.cookie = target.affinity, 'inn-' .. ready.site:gsub('@', '.') .. '-' .. ready.service
  name_peers(ready.peers, owner .. target.release)
  M.affinity = true
  local leaving = target.leaving
  if not leaving then return end
  local peers = peers_of(leaving.peers, out)
  name_peers(peers, owner .. leaving.release)
  local counts = traffic.of(ready.site, ready.service .. '/' .. leaving.release)
  ready.leaving = { peers = peers, counts = counts, ends = (leaving['until'] or 0) / 1000 }
  -- When the side before fails a request, all of the new side may be asked.
  ready.more = math.max(ready.more, #ready.peers)
end

-- The location that handles requests to a target; '': straight to an instance.
local function way_of(target)
  if target.kind == 'static' then return 'static' end
  if target.hold then return 'hold' end
  if #target.peers == 0 then return 'stopped' end
  return #target.fallback > 0 and 'watched' or ''
end

local function prepare(site, service, target, out)
  local ready = { site = site, service = service, kind = target.kind, hold = target.hold, roots = target.roots, spa = target.spa, turn = 0 }
  ready.tree, ready.shared = target.tree, target.shared
  ready.colour, ready.meters, ready.vitals = target.colour, {}, target.vitals
  ready.counts = traffic.of(site, service .. '/' .. target.release)
  if target.kind == 'proxy' then
    ready.peers, ready.fallback = peers_of(target.peers, out), peers_of(target.fallback, out)
    ready.turn = math.random(0, 1000)
    local release = target.fallbackRelease
    ready.fallback_counts = traffic.of(site, service .. '/' .. (release or target.release))
    -- Number of attempts after the first: the fallback peers when there are some, else each other instance.
    ready.more = #ready.fallback > 0 and #ready.fallback or #ready.peers - 1
    local warm = target.warm
    if warm then
      local counts = traffic.of(site, service .. '/' .. warm.release)
      ready.warm = { peers = peers_of(warm.peers, out), counts = counts, ends = (warm['until'] or 0) / 1000 }
    end
    if target.affinity then prepare_affinity(ready, target, out) end
  end
  ready.way = way_of(ready)
  ready.interim_key = 'interim:' .. site .. '/' .. service .. '/' .. target.release
  ready.interim = shared:get(ready.interim_key)
  return ready
end

local function out_of(site)
  local out = {}
  for _, name in ipairs(json.decode(shared:get('out:' .. site) or '[]') or {}) do out[name] = true end
  return out
end

local function decode(site, text)
  if text == '' then return false end
  local raw, why = json.decode(text)
  if not raw then
    ngx.log(ngx.ERR, 'table of ', site, ': ', why)
    return false
  end
  local guarded = guard.prepare(site, raw.guard, raw.closed)
  -- No routes at all: the app is stopped. That differs from a path that no route matches.
  if #raw.routes == 0 then
    return (guarded or raw.asleep) and { stopped = true, asleep = raw.asleep, guard = guarded }
  end
  local services, routes, out, vitals = {}, {}, out_of(site), false
  for service, target in pairs(raw.services) do
    services[service] = prepare(site, service, target, out)
    vitals = vitals or target.vitals
  end
  for i, route in ipairs(raw.routes) do
    routes[i] = { prefix = route.prefix:gsub('/+$', ''), target = services[route.service] }
  end
  table.sort(routes, function(a, b) return #a.prefix > #b.prefix end)
  local only = #routes == 1 and routes[1].prefix == '' and routes[1].target or nil
  return { routes = routes, only = only, guard = guarded, vitals = vitals }
end

-- Loads the stored file of a site that the dictionary does not have (after a start). `add` never replaces a table that a
-- change has put there meanwhile. That one is newer, because files are written before the dictionary.
local function load(site)
  local file = io.open(folder .. site .. '.json', 'r')
  local text = file and file:read('*a') or ''
  if file then file:close() end
  shared:add('text:' .. site, text)
  shared:add(site, ngx.now() * 1000)
end

-- The decoded table of a site; false or nil: the app is stopped or unknown.
function M.of(site)
  local version = shared:get(site)
  local known = decoded[site]
  if known and known.version == version then return known.table end
  local text = version and shared:get('text:' .. site)
  if not text then
    load(site)
    version, text = shared:get(site), shared:get('text:' .. site)
  end
  known = { version = version, table = decode(site, text or '') }
  decoded[site] = known
  return known.table
end

-- The target of the longest prefix that matches whole path segments, and that prefix; nil: none.
function M.match(routes, uri)
  for i = 1, #routes do
    local prefix = routes[i].prefix
    local size = #prefix
    if size == 0 then return routes[i].target, '' end
    if uri:sub(1, size) == prefix and (#uri == size or uri:byte(size + 1) == 47) then return routes[i].target, prefix end
  end
end

-- Lets all workers decode the table of a site again. The version only grows, even after an eviction.
local function renew(site)
  return shared:incr(site, 1, ngx.now() * 1000)
end

-- Sets a table for all workers at once; an empty text removes it.
function M.put(site, text)
  local ok, why = shared:set('text:' .. site, text)
  if not ok then return nil, why end
  return renew(site)
end

-- Sets which instances of a site are out of rotation, as a list of their names in JSON.
function M.put_out(site, text)
  local ok, why = shared:set('out:' .. site, text)
  if not ok then return nil, why end
  return renew(site)
end

-- Says that a site which is asleep is asked for; again only after some seconds, however many ask.
function M.want(site)
  if shared:add('wanted:' .. site, true, 5) then shared:lpush(':wanted', site) end
end

-- The next site that was asked for; nil: none.
function M.next_wanted()
  return (shared:rpop(':wanted'))
end

-- Lets all workers know that a release sends interim answers.
function M.sends_interim(target)
  if target.interim then return end
  target.interim = true
  if shared:add(target.interim_key, true) then renew(target.site) end
end

-- Makes all workers prefer other instances for a while.
function M.shun(site, peer)
  peer.shunned = ngx.now() + SHUN_SECONDS
  -- `add`: the first failure says it to the others. The many that may come with it must not make them decode again.
  if shared:add('shun:' .. peer.name, peer.shunned, SHUN_SECONDS) then renew(site) end
end

return M
