-- What visitors got, for Prometheus: answers by class and the time until their head, for each route of a service. A
-- route is one of innkeeper.yaml, never the path that a visitor asked for, so what visitors write makes no series.
local shared = ngx.shared.metrics
local DAY = 86400
local BOUNDS = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 }
local CLASSES = 5
local FIRST_BOUND, OVER = CLASSES + 1, CLASSES + 1 + #BOUNDS
local SUM = OVER + 1
-- How many routes are counted apart over all sites; what comes above that is counted as one number.
local MOST = 500
local RECOUNT_SECONDS = 60

local M = {}
local all, ending = {}, false
local dropped = { id = false, fresh = { 0 }, dirty = false }

local function zeroes()
  local list = {}
  for i = 1, SUM do list[i] = 0 end
  return list
end

local function registered()
  local n = 0
  for _, key in ipairs(shared:get_keys(0)) do
    if key:byte(1) == 109 then n = n + 1 end
  end
  return n
end

-- Whether there is room for one more. Routes that nobody asked for during a month have made room meanwhile.
local function has_room()
  if (shared:get('routes') or 0) < MOST then return true end
  if not shared:add('recounted', true, RECOUNT_SECONDS) then return false end
  local n = registered()
  shared:set('routes', n)
  return n < MOST
end

local function register(id)
  local key = 'm\1' .. id
  if shared:get(key) then return true end
  if not has_room() then return false end
  if shared:add(key, true, 30 * DAY) then shared:incr('routes', 1, 0) end
  return true
end

-- This worker's meter for a route of a target, which the target keeps.
function M.of(target, prefix)
  local id = table.concat({ target.site, target.service, prefix == '' and '/' or prefix, target.colour }, '\1')
  local meter = all[id]
  if not meter then
    meter = register(id) and { id = id, fresh = zeroes(), dirty = false } or dropped
    if meter ~= dropped then all[id] = meter end
  end
  target.meters[prefix] = meter
  return meter
end

local function add(key, n)
  shared:incr(key, n, 0)
  shared:expire(key, 30 * DAY)
end

local function flush(meter)
  meter.dirty = false
  local fresh, id = meter.fresh, meter.id
  -- Also of a site that was forgotten while a worker still had its meter.
  if id then shared:set('m\1' .. id, true, 30 * DAY) end
  for i = 1, #fresh do
    if fresh[i] > 0 then
      add(id and 'c\1' .. id .. '\1' .. i or 'dropped', fresh[i])
      fresh[i] = 0
    end
  end
end

function M.flush()
  for _, meter in pairs(all) do
    if meter.dirty then flush(meter) end
  end
  if dropped.dirty then flush(dropped) end
end

-- A worker that is being replaced has no timers any more, so from now on it writes each change at once.
function M.last_words()
  ending = true
  M.flush()
end

-- `seconds`: until the head of the answer was sent; nil: none was.
function M.count(meter, status, seconds)
  local fresh = meter.fresh
  meter.dirty = true
  if meter == dropped then
    fresh[1] = fresh[1] + 1
  else
    local class = (status - status % 100) / 100
    if class < 1 or class > CLASSES then class = CLASSES end
    fresh[class] = fresh[class] + 1
    if seconds then
      local slot = FIRST_BOUND
      while slot < OVER and seconds > BOUNDS[slot - CLASSES] do slot = slot + 1 end
      fresh[slot] = fresh[slot] + 1
      fresh[SUM] = fresh[SUM] + seconds
    end
  end
  if ending then flush(meter) end
end

-- Whether the keeper asks, at a site's own port: what it sees of an app has series of its own.
function M.asks()
  return ngx.var.http_user_agent == 'innkeeper-probe'
end

-- What the visitor of a request got: one answer, whoever was asked for it.
function M.settle(state)
  if state.own then return end
  local target, told = state.target, state.interim
  local meter = target.meters[state.prefix] or M.of(target, state.prefix)
  local head = told and told.at or state.head
  M.count(meter, told and told.status or ngx.status, head and head - state.at or nil)
end

function M.forget(site)
  for _, key in ipairs(shared:get_keys(0)) do
    if key:match('^[mc]\1([^\1]*)') == site then shared:delete(key) end
  end
  shared:set('routes', registered())
end

local ESCAPED = { ['\\'] = '\\\\', ['"'] = '\\"', ['\n'] = '\\n' }

local function labels(id)
  local site, service, route, colour = id:match('^([^\1]*)\1([^\1]*)\1([^\1]*)\1(.*)$')
  route = route:gsub('[\\"\n]', ESCAPED)
  return ('app="%s",service="%s",route="%s",colour="%s"'):format(site, service, route, colour)
end

local function histogram(lines, owner, counts)
  local name, sum = 'http_request_duration_seconds', 0
  for i, bound in ipairs(BOUNDS) do
    sum = sum + (counts[CLASSES + i] or 0)
    lines[#lines + 1] = ('%s_bucket{%s,le="%s"} %d'):format(name, owner, bound, sum)
  end
  sum = sum + (counts[OVER] or 0)
  lines[#lines + 1] = ('%s_bucket{%s,le="+Inf"} %d'):format(name, owner, sum)
  lines[#lines + 1] = ('%s_sum{%s} %.3f'):format(name, owner, counts[SUM] or 0)
  lines[#lines + 1] = ('%s_count{%s} %d'):format(name, owner, sum)
end

local function meters()
  local found, ids = {}, {}
  for _, key in ipairs(shared:get_keys(0)) do
    local kind, id = key:match('^([mc])\1(.*)$')
    local field
    if kind == 'c' then
      id, field = id:match('^(.*)\1(%d+)$')
    end
    if id and not found[id] then
      found[id] = {}
      ids[#ids + 1] = id
    end
    if field then found[id][tonumber(field)] = shared:get(key) or 0 end
  end
  table.sort(ids)
  return found, ids
end

local HELP = '# HELP %s %s\n# TYPE %s %s'

-- Everything over all workers, in the text format of Prometheus.
function M.text()
  local found, ids = meters()
  local function head(name, kind, says) return HELP:format(name, says, name, kind) end
  local lines = { head('http_requests_total', 'counter', 'Answers of the edge, by class of status.') }
  for _, id in ipairs(ids) do
    local owner = labels(id)
    for class = 1, CLASSES do
      -- The classes that rules divide by are there from the first answer on: a rate needs a zero before the first error.
      local n = found[id][class] or (class == 2 or class == 5) and 0
      if n then lines[#lines + 1] = ('http_requests_total{%s,code="%dxx"} %d'):format(owner, class, n) end
    end
  end
  lines[#lines + 1] = head('http_request_duration_seconds', 'histogram', 'Time until the head of the answer was sent.')
  for _, id in ipairs(ids) do histogram(lines, labels(id), found[id]) end
  lines[#lines + 1] = head('innkeeper_edge_routes', 'gauge', 'Routes that are counted apart.')
  lines[#lines + 1] = 'innkeeper_edge_routes ' .. #ids
  lines[#lines + 1] = head('innkeeper_edge_uncounted_total', 'counter', 'Requests of routes beyond the ' .. MOST .. ' that are counted apart.')
  lines[#lines + 1] = 'innkeeper_edge_uncounted_total ' .. (shared:get('dropped') or 0)
  return table.concat(lines, '\n') .. '\n'
end

return M
