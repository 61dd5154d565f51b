"""What people call the fields and words of rules, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from ..frozen import FrozenDict

FIELDS: Mapping[str, Mapping[str, str]] = FrozenDict(
    {
        "title": {"en": "the title", "zh": "标题"},
        "body": {"en": "the body", "zh": "正文"},
        "text": {"en": "the text", "zh": "文本"},
        "type": {"en": "the type", "zh": "类型"},
        "status": {"en": "the status", "zh": "状态"},
        "priority": {"en": "the priority", "zh": "优先级"},
        "severity": {"en": "the severity", "zh": "严重程度"},
        "labels": {"en": "the labels", "zh": "标签"},
        "project": {"en": "the project", "zh": "项目"},
        "key": {"en": "the key", "zh": "编号"},
        "channel": {"en": "the channel", "zh": "渠道"},
        "language": {"en": "the language", "zh": "语言"},
        "team": {"en": "the team", "zh": "团队"},
        "assignee": {"en": "the assignee", "zh": "负责人"},
        "requester.email": {"en": "the requester's mail address", "zh": "提单人邮箱"},
        "requester.domain": {"en": "the requester's domain", "zh": "提单人域名"},
        "requester.name": {"en": "the requester's name", "zh": "提单人姓名"},
        "customer.tier": {"en": "the customer's tier", "zh": "客户等级"},
        "customer.name": {"en": "the customer's name", "zh": "客户名称"},
        "customer.language": {"en": "the customer's language", "zh": "客户语言"},
        "customer.seats": {"en": "the customer's number of seats", "zh": "客户席位数"},
        "created": {"en": "the time of creation", "zh": "创建时间"},
        "updated": {"en": "the time of the last change", "zh": "最后更新时间"},
        "open": {"en": "this moment", "zh": "当前时间"},
        "age": {"en": "the age", "zh": "已存在时间"},
        "reopen_count": {"en": "the number of reopenings", "zh": "重新打开次数"},
        "attachments": {"en": "the number of attachments", "zh": "附件数"},
        "event.kind": {"en": "what happened", "zh": "发生的事件"},
        "event.by": {"en": "who acted", "zh": "操作者"},
        "component": {"en": "the component", "zh": "组件"},
        "environment": {"en": "the environment", "zh": "环境"},
    }
)

_EVENTS = {
    "created": {"en": "the ticket is created", "zh": "工单创建"},
    "updated": {"en": "the ticket is changed", "zh": "工单更改"},
    "commented": {"en": "somebody comments", "zh": "有新评论"},
    "comment_edited": {"en": "a comment is edited", "zh": "评论被编辑"},
    "comment_deleted": {"en": "a comment is deleted", "zh": "评论被删除"},
    "deleted": {"en": "the ticket is deleted", "zh": "工单删除"},
    "moved": {"en": "the ticket moves", "zh": "工单移动"},
    "timer": {"en": "a date is reached", "zh": "到达时间点"},
    "reconciled": {"en": "a regular look finds it changed", "zh": "定期检查发现变化"},
    "assign": {"en": "somebody is to be assigned", "zh": "需要指派"},
    "reopened": {"en": "the ticket is reopened", "zh": "工单重新打开"},
    "assign_failed": {"en": "nobody can take the ticket", "zh": "工单无人可接"},
}

WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = FrozenDict(
    {
        "priority": {
            "urgent": {"en": "urgent", "zh": "紧急"},
            "high": {"en": "high", "zh": "高"},
            "normal": {"en": "normal", "zh": "普通"},
            "low": {"en": "low", "zh": "低"},
            "none": {"en": "none", "zh": "无"},
        },
        "status": {
            "new": {"en": "new", "zh": "新建"},
            "open": {"en": "open", "zh": "处理中"},
            "pending": {"en": "pending", "zh": "等待客户"},
            "on_hold": {"en": "on hold", "zh": "暂停"},
            "done": {"en": "done", "zh": "已完成"},
        },
        "channel": {
            "tracker": {"en": "the tracker", "zh": "工单系统"},
            "mail": {"en": "mail", "zh": "邮件"},
            "form": {"en": "a form", "zh": "表单"},
            "chat": {"en": "chat", "zh": "聊天"},
            "phone": {"en": "phone", "zh": "电话"},
            "api": {"en": "a program", "zh": "程序接口"},
        },
        "event.kind": _EVENTS,
        "event.by": {
            "customer": {"en": "a customer", "zh": "客户"},
            "agent": {"en": "an agent", "zh": "坐席"},
            "system": {"en": "another program", "zh": "其他程序"},
            "us": {"en": "Pointsman", "zh": "Pointsman"},
        },
        "language": {
            "zh": {"en": "Chinese", "zh": "中文"},
            "en": {"en": "English", "zh": "英文"},
            "default": {"en": "any other language", "zh": "其他语言"},
        },
    }
)
"""By field, then by the word that rules use. Every other word is somebody's own and stands in quotes."""

WORD_FIELDS = FrozenDict({"customer.language": "language"})
"""Fields whose words are those of another one."""
