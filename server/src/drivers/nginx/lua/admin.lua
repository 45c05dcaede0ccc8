-- The admin interface for the keeper, on a unix socket that only the keeper's user can reach.
local beacon = require 'beacon'
local certificates = require 'certificates'
local edge = require 'edge'
local json = require 'json'
local metrics = require 'metrics'
local tables = require 'tables'
local traffic = require 'traffic'

local M = {}
-- Less than the keeper waits for an answer.
local WANTED_SECONDS = 3

local function say(status, text)
  ngx.status = status
  ngx.header['Content-Type'] = 'application/json'
  ngx.header['Content-Length'] = #text
  ngx.print(text)
end

local function body()
  ngx.req.read_body()
  local text, path = ngx.req.get_body_data(), ngx.req.get_body_file()
  if text or not path then return text or '' end
  local file = io.open(path, 'r')
  text = file:read('*a')
  file:close()
  return text
end

local function table_of(method, site)
  local text = ''
  if method == 'PUT' then
    text = body()
    local parsed, why = json.decode(text)
    if not parsed then return say(400, '{"error":' .. json.quote(why) .. '}') end
  else
    traffic.forget(site)
    metrics.forget(site)
    beacon.forget(site)
  end
  local version, why = tables.put(site, text)
  if not version then return say(507, '{"error":' .. json.quote(why) .. '}') end
  say(200, '{}')
end

local function out_of(_, site)
  local text = body()
  local parsed, why = json.decode(text)
  if not parsed then return say(400, '{"error":' .. json.quote(why) .. '}') end
  local version
  version, why = tables.put_out(site, text)
  if not version then return say(507, '{"error":' .. json.quote(why) .. '}') end
  say(200, '{}')
end

local function certificate_of(method, site)
  local ok, why = certificates.put(site, method == 'PUT' and body() or '')
  if not ok then return say(507, '{"error":' .. json.quote(why or 'no certificate') .. '}') end
  say(200, '{}')
end

local function answer_of(method, token)
  local ok, why = certificates.put_answer(token, method == 'PUT' and body() or '')
  if not ok then return say(507, '{"error":' .. json.quote(why) .. '}') end
  say(200, '{}')
end

local function traffic_of(_, site)
  -- Workers add their counts every TICK, so after a little more than one TICK, everything that was counted before is in.
  ngx.sleep(traffic.TICK * 1.2)
  traffic.flush()
  local releases = {}
  for release, fields in pairs(traffic.read(site)) do
    local parts = {}
    for field, n in pairs(fields) do parts[#parts + 1] = json.quote(field) .. ':' .. n end
    releases[#releases + 1] = json.quote(release) .. ':{' .. table.concat(parts, ',') .. '}'
  end
  say(200, '{' .. table.concat(releases, ',') .. '}')
end

-- Waits for a site that is asleep and asked for, unless it is asked what there is now: the keeper is to know of it at once.
local function wanted(_, when)
  local patience, names = ngx.now() + (when == 'now' and 0 or WANTED_SECONDS), {}
  repeat
    for site in tables.next_wanted do names[#names + 1] = json.quote(site) end
    if #names > 0 or when == 'now' then break end
    ngx.sleep(0.05)
  until ngx.now() > patience
  say(200, '[' .. table.concat(names, ',') .. ']')
end

local function metrics_of()
  ngx.sleep(traffic.TICK * 1.2)
  traffic.flush()
  say(200, metrics.text() .. beacon.text())
end

-- Makes workers of the named configuration announce that they will stop. It expires, in case the keeper does not come back.
local function close(_, digest)
  ngx.shared.tables:set(':closing', digest, 30)
  say(200, '{}')
end

local function alive()
  say(200, '{"digest":' .. json.quote(edge.digest) .. '}')
end

local HANDLERS = {
  ['PUT table'] = table_of,
  ['DELETE table'] = table_of,
  ['PUT out'] = out_of,
  ['PUT certificate'] = certificate_of,
  ['DELETE certificate'] = certificate_of,
  ['PUT answer'] = answer_of,
  ['DELETE answer'] = answer_of,
  ['GET traffic'] = traffic_of,
  ['GET wanted'] = wanted,
  ['GET metrics'] = metrics_of,
  ['PUT closing'] = close,
  ['GET alive'] = alive,
}

function M.serve()
  local method = ngx.req.get_method()
  local noun, name = ngx.var.uri:match('^/(%a+)/?([^/]*)$')
  local handler = HANDLERS[method .. ' ' .. (noun or '')]
  if not handler then return say(404, '{}') end
  handler(method, name)
end

return M
