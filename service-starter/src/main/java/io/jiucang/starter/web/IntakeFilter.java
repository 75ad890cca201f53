package io.jiucang.starter.web;

import io.jiucang.starter.RequestRejected;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.web.filter.OncePerRequestFilter;

/** Refuses at once, before anybody is asked who they are, what would have to be written to a disk that is nearly full. */
final class IntakeFilter extends OncePerRequestFilter {

    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
    private final DiskWatch disk;
    private final Problems problems;

    IntakeFilter(DiskWatch disk, Problems problems) {
        this.disk = disk;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (disk.state() == DiskWatch.State.FULL && !READING.contains(request.getMethod())) {
            problems.write(
                    response,
                    RequestRejected.Reason.DISK_FULL,
                    "nothing was changed; repeat the request later",
                    request.getLocale());
            return;
        }
        chain.doFilter(request, response);
    }
}
