package io.jiucang.quickstart;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.EntryBundle;
import io.jiucang.ledger.SigningKey;
import io.jiucang.ledger.TilePath;
import io.jiucang.ledger.TiledTree;
import io.jiucang.quickstart.audit.Gathered;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class LogReaderTest {

    private static final SigningKey KEY = SigningKey.of("ledger.example/growing", new byte[32]);

    private final List<Entry> entries = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        grow();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** Ticks alone see to it that the log never stands still. */
    @Test
    void aLogThatGrowsWhileItIsReadIsNoBreachOfItself() {
        LogReader reader = new LogReader(
                URI.create("http://localhost:" + server.getAddress().getPort()), KEY.verifierKey());

        for (int again = 0; again < 3; again++) {
            Gathered.Log read = reader.read(_ -> {});
            assertThat(read.entries()).hasSize((int) read.newest().size());
            assertThat(read.checkpoints())
                    .isNotEmpty()
                    .allSatisfy(earlier -> assertThat(earlier.size())
                            .isLessThanOrEqualTo(read.newest().size()));
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        grow();
        String path = exchange.getRequestURI().getPath();
        byte[] body;
        if (path.equals("/checkpoint")) {
            body = notes.getLast().getBytes(UTF_8);
        } else if (path.startsWith("/tile/")) {
            TilePath tile = TilePath.parse(path.substring(1));
            body = new EntryBundle(entries.subList(0, tile.width())).format();
        } else {
            List<Map<String, String>> items =
                    notes.stream().map(note -> Map.of("checkpoint", note)).toList();
            body = new JsonMapper().writeValueAsBytes(Map.of("items", items));
        }
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void grow() {
        entries.add(Entry.of(("entry " + entries.size()).getBytes(US_ASCII)));
        TiledTree tree = TiledTree.empty()
                .append(entries.stream().map(Entry::leafHash).toList())
                .tree();
        notes.add(new Checkpoint(KEY.verifierKey().name(), tree.size(), tree.root())
                .sign(KEY)
                .format());
    }
}
