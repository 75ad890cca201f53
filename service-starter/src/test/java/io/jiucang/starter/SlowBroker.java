package io.jiucang.starter;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands before a broker, poses as it, and hands on its answers late, or not at all for a while. Wherever an answer names the
 * broker's address, it puts its own, which is as long.
 */
final class SlowBroker implements AutoCloseable {

    private final ServerSocket server;
    private final String host;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Duration delay = Duration.ZERO;
    private boolean held;

    private SlowBroker(String host, int port) throws IOException {
        this.host = host;
        this.port = port;
        this.server = new ServerSocket(0, 50, InetAddress.getByName(host));
    }

    /** @param bootstrapServers one broker, as host and port */
    static SlowBroker before(String bootstrapServers) {
        String[] address = bootstrapServers.replaceFirst("^.*://", "").split(":", 2);
        try {
            SlowBroker broker = new SlowBroker(address[0], Integer.parseInt(address[1]));
            broker.start(broker::accept);
            return broker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String bootstrapServers() {
        return host + ":" + server.getLocalPort();
    }

    /** Each answer takes so much longer. */
    void delay(Duration longer) {
        delay = longer;
    }

    /** No answer comes any more, on any connection, and none is refused. */
    synchronized void hold() {
        held = true;
    }

    synchronized void letGo() {
        held = false;
        notifyAll();
    }

    private synchronized void pass() throws InterruptedException {
        while (held) {
            wait();
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = server.accept();
            Socket broker = new Socket(host, port);
            open.add(client);
            open.add(broker);
            start(() -> client.getInputStream().transferTo(broker.getOutputStream()), client, broker);
            start(() -> answer(new DataInputStream(broker.getInputStream()), client.getOutputStream()), client, broker);
        }
    }

    private void answer(DataInputStream from, OutputStream to) throws IOException, InterruptedException {
        byte[] theirs = address(port);
        byte[] ours = address(server.getLocalPort());
        while (true) {
            byte[] answer = new byte[from.readInt()];
            from.readFully(answer);
            for (int at = 0; at + theirs.length <= answer.length; at++) {
                if (Arrays.equals(answer, at, at + theirs.length, theirs, 0, theirs.length)) {
                    System.arraycopy(ours, 0, answer, at, ours.length);
                }
            }
            if (!delay.isZero()) {
                Thread.sleep(delay);
            }
            pass();
            to.write(ByteBuffer.allocate(4 + answer.length)
                    .putInt(answer.length)
                    .put(answer)
                    .array());
        }
    }

    /** As Kafka's protocol writes them one after the other. */
    private byte[] address(int number) {
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(name.length + 4).put(name).putInt(number).array();
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void start(Work work, Socket... ends) {
        var _ = Thread.ofVirtual().start(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // One of the two has hung up.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                Arrays.stream(ends).forEach(this::hangUp);
            }
        });
    }

    private void hangUp(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        letGo();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Set.copyOf(open).forEach(this::hangUp);
    }
}
