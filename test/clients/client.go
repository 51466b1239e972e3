// The contract's Go client: LATCHKEY_HOST and API_KEY from the environment.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

var (
	host   = os.Getenv("LATCHKEY_HOST")
	apiKey = os.Getenv("API_KEY")
)

func call(method, path string, body any, header, value string, into any) int {
	var payload bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&payload).Encode(body); err != nil {
			panic(err)
		}
	}
	request, err := http.NewRequest(method, host+"/api/v1"+path, &payload)
	if err != nil {
		panic(err)
	}
	request.Header.Set(header, value)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		panic(err)
	}
	return response.StatusCode
}

type source struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

func main() {
	bearer := "Bearer " + apiKey
	var created, read, updated, deleted source
	var listed []source
	var refused struct {
		Error string `json:"error"`
	}
	statuses := []int{
		call("POST", "/sources", source{Name: "from Go", Type: "webhook"}.body(), "Authorization", bearer, &created),
	}
	path := "/sources/" + created.ID
	statuses = append(statuses,
		call("GET", "/sources", nil, "X-API-Key", apiKey, &listed),
		call("GET", path, nil, "Authorization", bearer, &read),
		call("PUT", path, map[string]string{"name": "renamed"}, "Authorization", bearer, &updated),
		call("DELETE", path, nil, "Authorization", bearer, &deleted),
		call("GET", "/sources", nil, "Authorization", "Bearer hklst_your_api_key_here", &refused),
	)
	found := false
	for _, each := range listed {
		found = found || each.ID == created.ID
	}
	result, _ := json.Marshal(map[string]any{
		"statuses": statuses, "listed": found, "name": updated.Name, "error": refused.Error,
	})
	fmt.Println(string(result))
}

func (s source) body() map[string]string {
	return map[string]string{"name": s.Name, "type": s.Type}
}
