package io.jiucang.simulators.statement;

import io.jiucang.title.statement.ActType;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code docs/statements.json}. */
public final class Vectors {

    public static final JsonNode FILE =
            JsonMapper.shared().readTree(Path.of("../docs/statements.json").toFile());

    private Vectors() {}

    public static JsonNode of(ActType type) {
        return FILE.path("valid")
                .valueStream()
                .filter(each -> text(each, "typ").equals(type.typ()))
                .findFirst()
                .orElseThrow();
    }

    public static String text(JsonNode object, String name) {
        return object.path(name).stringValue();
    }

    public static String signingInput(String jws) {
        return jws.substring(0, jws.lastIndexOf('.'));
    }
}
