-- What is asked of the side before a switch, which is kept warm: assets that pages which are still open want.
local looks_hashed = require('built').looks_hashed
local is_open = require('tables').is_open

local var = ngx.var
local M = {}

function M.any_open(peers)
  for i = 1, #peers do
    if is_open(peers[i]) then return true end
  end
  return false
end

-- Assets of frameworks that serve their own files, below any prefix: whole folders, and folders that hold other files, too.
local ASSETS = [[/(?:_next/static|_nuxt|_app/immutable|_astro|_build/assets)/]]
local MIXED = [[/(?:assets|build|static)/]]

-- Whether what the new side does not have is asked of the side before, which is kept warm: open pages want its assets.
function M.lends(target, way)
  if way ~= '' and way ~= 'watched' or ngx.now() > target.warm.ends then return false end
  local method, uri = ngx.req.get_method(), var.uri
  if method ~= 'GET' and method ~= 'HEAD' then return false end
  if not ngx.re.find(uri, ASSETS, 'jo') and not (ngx.re.find(uri, MIXED, 'jo') and looks_hashed(uri)) then return false end
  return M.any_open(target.warm.peers)
end

return M
