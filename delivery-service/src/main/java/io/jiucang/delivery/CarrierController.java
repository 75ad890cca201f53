package io.jiucang.delivery;

import java.util.List;
import java.util.Map;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The carriers and their keys, for every device that seals an address. */
@RestController
@RequestMapping("/api/v1/carriers")
@PreAuthorize("permitAll()")
class CarrierController {

    private final Carriers carriers;

    CarrierController(Carriers carriers) {
        this.carriers = carriers;
    }

    record Listed(String name, Map<String, String> title) {}

    @GetMapping
    List<Listed> carriers() {
        return carriers.all().stream()
                .map(carrier -> new Listed(carrier.name(), carrier.title()))
                .toList();
    }

    @GetMapping("/{name}/keys")
    Map<String, Object> keys(@PathVariable String name) {
        return carriers.publishedKeys(name);
    }
}
