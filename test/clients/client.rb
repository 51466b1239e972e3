# The contract's Ruby client: LATCHKEY_HOST and API_KEY from the environment.
require 'json'
require 'net/http'
require 'uri'

HOST = ENV.fetch('LATCHKEY_HOST')
API_KEY = ENV.fetch('API_KEY')

def call(method, path, body = nil, headers = { 'Authorization' => "Bearer #{API_KEY}" })
  uri = URI("#{HOST}/api/v1#{path}")
  request = Net::HTTP.const_get(method.capitalize).new(uri, headers.merge('Content-Type' => 'application/json'))
  request.body = JSON.generate(body) unless body.nil?
  response = Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }
  [response.code.to_i, JSON.parse(response.body)]
end

created = call('post', '/sources', { name: 'from Ruby', type: 'webhook' })
id = created[1]['id']
listed = call('get', '/sources', nil, { 'X-API-Key' => API_KEY })
read = call('get', "/sources/#{id}")
updated = call('put', "/sources/#{id}", { name: 'renamed' })
deleted = call('delete', "/sources/#{id}")
refused = call('get', '/sources', nil, { 'Authorization' => 'Bearer hklst_your_api_key_here' })

puts JSON.generate(
  statuses: [created, listed, read, updated, deleted, refused].map(&:first),
  listed: listed[1].any? { |source| source['id'] == id },
  name: updated[1]['name'],
  error: refused[1]['error']
)
