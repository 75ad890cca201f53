package io.jiucang.simulators.device;

import com.caoccao.javet.enums.JSRuntimeType;
import com.caoccao.javet.enums.V8AwaitMode;
import com.caoccao.javet.exceptions.JavetException;
import com.caoccao.javet.interop.NodeRuntime;
import com.caoccao.javet.interop.V8Host;
import com.caoccao.javet.interop.V8Runtime;
import com.caoccao.javet.interop.loader.IJavetLibLoadingListener;
import com.caoccao.javet.interop.loader.JavetLibLoader;
import com.caoccao.javet.values.reference.IV8Module;
import com.caoccao.javet.values.reference.V8ValuePromise;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a browser makes of {@code docs/device}'s modules, unchanged: Node.js inside this JVM, whose global {@code crypto} is
 * the same WebCrypto. The modules' exports are the globals {@code device} and {@code statements}.
 */
final class Browser implements AutoCloseable {

    static final Path SOURCE = Path.of("../docs/device/device.js");
    private static final String PAGE = """
            import * as device from './device.js';
            import * as statements from './statements.js';
            Object.assign(globalThis, { device, statements });""";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final NodeRuntime node;

    private Browser(NodeRuntime node) {
        this.node = node;
    }

    /** The script refused; the message begins with its reason. */
    static final class ScriptRefused extends RuntimeException {

        private static final long serialVersionUID = 1L;

        ScriptRefused(String message) {
            super(message);
        }
    }

    static Browser open() {
        keepLibraryUnderTarget();
        try {
            NodeRuntime node = V8Host.getNodeInstance().createV8Runtime();
            node.setV8ModuleResolver(
                    (runtime, name, importer) -> compile(runtime, name, read(SOURCE.resolveSibling(name))));
            try (IV8Module page = compile(node, "test.js", PAGE)) {
                page.execute().close();
            }
            return new Browser(node);
        } catch (JavetException e) {
            throw new IllegalStateException("the modules do not load", e);
        }
    }

    private static IV8Module compile(V8Runtime runtime, String name, String source) throws JavetException {
        return runtime.getExecutor(source)
                // Javet makes the parent of this name the process's working directory: let it stay what it is.
                .setResourceName(Path.of(name).toAbsolutePath().toString())
                .setModule(true)
                .compileV8Module();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The value of a JavaScript expression, awaited.
     *
     * @param arguments take the places of {@code %s}, each as JSON
     * @throws ScriptRefused if it throws
     */
    JsonNode evaluate(String expression, Object... arguments) {
        Object[] literals = new Object[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            literals[i] = JSON.writeValueAsString(arguments[i]);
        }
        String script = """
                (async () => %s)().then(
                  (value) => JSON.stringify({ value: value ?? null }),
                  (e) => JSON.stringify({ refused: `${e.reason ?? e.name}: ${e.message}` }))""".formatted(expression.formatted(literals));
        try (V8ValuePromise promise = node.getExecutor(script).execute()) {
            node.await(V8AwaitMode.RunTillNoMoreTasks);
            JsonNode answer = JSON.readTree(promise.getResultString());
            if (answer.has("refused")) {
                throw new ScriptRefused(answer.get("refused").stringValue());
            }
            return answer.get("value");
        } catch (JavetException e) {
            throw new IllegalStateException(expression, e);
        }
    }

    @Override
    public void close() {
        try {
            node.close();
        } catch (JavetException e) {
            throw new IllegalStateException("Node.js does not stop", e);
        }
    }

    /** Unpacked, it has 80 MB; by default, each run would leave them in the system's temporary directory. */
    private static void keepLibraryUnderTarget() {
        JavetLibLoader.setLibLoadingListener(new IJavetLibLoadingListener() {
            @Override
            public File getLibPath(JSRuntimeType type) {
                return new File("target/node");
            }
        });
    }
}
